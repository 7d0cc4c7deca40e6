// SPDX-License-Identifier: GPL-2.0-only
#include "record/no_go_files.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"

enum { PATH_SIZE = 4096 };

void no_go_files_deinit(struct no_go_files *files)
{
	free(files->list);
	idmap_deinit(&files->index);
	*files = (struct no_go_files){0};
}

static uint32_t hash_of(const struct stat *file)
{
	return hash_fold(hash_word(file->st_dev, file->st_ino));
}

bool no_go_files_has(const struct no_go_files *files, const struct stat *file)
{
	uint32_t hash = hash_of(file), id;
	for (size_t probe = hash; (id = idmap_probe(&files->index, hash, &probe)) != IDMAP_NONE;) {
		const struct no_go_file *known = &files->list[id];
		if (known->device == file->st_dev && known->inode == file->st_ino &&
		    known->modified.tv_sec == file->st_mtim.tv_sec &&
		    known->modified.tv_nsec == file->st_mtim.tv_nsec)
			return true;
	}
	return false;
}

void no_go_files_add(struct no_go_files *files, const struct stat *file)
{
	if (no_go_files_has(files, file) ||
	    !array_reserve(files->list, files->capacity, files->count + 1) ||
	    !idmap_insert(&files->index, hash_of(file), (uint32_t)files->count))
		return;
	files->list[files->count++] =
		(struct no_go_file){file->st_dev, file->st_ino, file->st_mtim};
}

/* Of code that is mapped from a file. */
static bool stat_mapping(const struct memory *memory, const struct mapping *mapping,
			 struct stat *ret)
{
	char buffer[PATH_SIZE];
	return !stat(memory_file(memory, mapping->path, buffer), ret);
}

static bool is_file(const struct mapping *mapping)
{
	return mapping->executable && mapping->path[0] == '/';
}

bool no_go_files_have(const struct no_go_files *files, const struct memory *memory)
{
	size_t count;
	struct stat file;
	const struct mapping *mappings = memory_mappings(memory, &count);
	for (size_t i = 0; i < count; i++)
		if (is_file(&mappings[i]) &&
		    !(stat_mapping(memory, &mappings[i], &file) && no_go_files_has(files, &file)))
			return false;
	return true;
}

void no_go_files_learn(struct no_go_files *files, const struct memory *memory)
{
	size_t count;
	struct stat file;
	const struct mapping *mappings = memory_mappings(memory, &count);
	for (size_t i = 0; i < count; i++)
		if (is_file(&mappings[i]) && stat_mapping(memory, &mappings[i], &file))
			no_go_files_add(files, &file);
}
