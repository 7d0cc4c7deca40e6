// SPDX-License-Identifier: GPL-2.0-only

// Prints where the runtime's structs have their members, by the DWARF of a binary.
package main

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"os"
)

var wanted = map[string]bool{"runtime.g": true, "runtime.gobuf": true, "runtime.m": true,
	"runtime.p": true, "runtime.mheap": true}

func print(data *dwarf.Data, entry *dwarf.Entry) error {
	kind, err := data.Type(entry.Offset)
	if err != nil {
		return err
	}
	record, ok := kind.(*dwarf.StructType)
	if !ok || !wanted[record.StructName] {
		return nil
	}
	wanted[record.StructName] = false
	for _, field := range record.Field {
		fmt.Printf("%s.%s %d\n", record.StructName, field.Name, field.ByteOffset)
	}
	return nil
}

func run(path string) error {
	file, err := elf.Open(path)
	if err != nil {
		return err
	}
	data, err := file.DWARF()
	if err != nil {
		return err
	}
	reader := data.Reader()
	for {
		entry, err := reader.Next()
		if err != nil || entry == nil {
			return err
		}
		if name, _ := entry.Val(dwarf.AttrName).(string); entry.Tag == dwarf.TagStructType && wanted[name] {
			if err := print(data, entry); err != nil {
				return err
			}
		}
	}
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
