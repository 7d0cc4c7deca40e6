// SPDX-License-Identifier: GPL-2.0-only
/* Runs each way for the milliseconds that it is told, by name those that are named. */
#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "stacks.h"

#define APART __attribute__((noinline))

APART static void leaf(void *with)
{
	(void)with;
	spent += burn(spent) & 1;
	spent++;
}

APART static void grows(int size)
{
	volatile char *room = alloca(size);
	room[0] = 1;
	if (size > 100)
		grows(size - 37);
	else
		leaf(NULL);
	room[size - 1] = (char)spent;
}

static void with_alloca(void)
{
	grows(700);
}

APART static unsigned long recursive(int depth)
{
	unsigned long below = depth ? recursive(depth - 1) : burn(spent);
	spent += below & 1;
	return below + depth;
}

static void deep(void)
{
	spent += recursive(60) & 1;
}

static int compare(const void *left, const void *right)
{
	spent += burn(*(const unsigned int *)left) & 1;
	return *(const int *)left < *(const int *)right ? -1 : 1;
}

static void sorting(void)
{
	int values[40];
	for (int i = 0; i < 40; i++)
		values[i] = i * 7919 % 41;
	qsort(values, 40, sizeof(*values), compare);
}

static void calling_back(void)
{
	call_back(leaf, NULL);
}

static void handler(int number)
{
	spent += burn(number) & 1;
	spent++;
}

static void catch_signals(int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags | SA_RESTART};
	sigaction(SIGUSR1, &action, NULL);
}

static void in_handler(void)
{
	catch_signals(0);
	for (int i = 0; i < 20; i++)
		raise(SIGUSR1);
}

/* Interrupted anywhere, by a timer. */
static void interrupted(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 150}, {0, 150}}, never = {{0, 0}, {0, 0}};
	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &often, NULL);
	for (int i = 0; i < 200; i++)
		recursive(10);
	setitimer(ITIMER_PROF, &never, NULL);
}

static void on_own_stack(void)
{
	static char room[1 << 16];
	stack_t own = {.ss_sp = room, .ss_size = sizeof(room)};
	sigaltstack(&own, NULL);
	catch_signals(SA_ONSTACK);
	for (int i = 0; i < 20; i++)
		raise(SIGUSR1);
}

static void *thread(void *with)
{
	for (int i = 0; i < 100; i++)
		leaf(with);
	return NULL;
}

static void in_threads(void)
{
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, thread, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

static jmp_buf back;

APART static void jumps(int depth)
{
	leaf(NULL);
	if (!depth)
		longjmp(back, 1);
	jumps(depth - 1);
	spent++;
}

static void jumping(void)
{
	if (!setjmp(back))
		jumps(20);
	spent++;
}

static void in_vdso(void)
{
	struct timespec now;
	for (int i = 0; i < 3000; i++)
		clock_gettime(CLOCK_MONOTONIC, &now);
	spent += now.tv_nsec & 1;
}

static void in_libc(void)
{
	char text[512], copy[512];
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%s %f %ld", "some text", i * 1.5, spent);
		memcpy(copy, text, sizeof(copy));
		spent += strlen(copy) + strtod("1234.5678e10", NULL) > 1;
		free(malloc(100 + i));
	}
}

APART static unsigned long is_odd(unsigned long value);
APART static unsigned long is_even(unsigned long value)
{
	return value ? is_odd(value - 1) : burn(spent);
}

static unsigned long is_odd(unsigned long value)
{
	return value ? is_even(value - 1) : burn(spent); /* a jump with -O2 */
}

static void by_tail_calls(void)
{
	spent += is_even(9) & 1;
}

#ifdef __x86_64__
static void in_assembly(void)
{
	aligned_frame(leaf);
	saved_elsewhere(leaf);
	through_register(leaf);
}
#endif

static const struct way {
	const char *name;
	void (*run)(void);
} ways[] = {
	{"alloca", with_alloca},    {"deep", deep},	     {"qsort", sorting},
	{"plt", calling_back},	    {"handler", in_handler}, {"timer", interrupted},
	{"altstack", on_own_stack}, {"threads", in_threads}, {"longjmp", jumping},
	{"vdso", in_vdso},	    {"libc", in_libc},	     {"tail", by_tail_calls},
#ifdef __x86_64__
	{"assembly", in_assembly},
#endif
#ifdef CPLUSPLUS
	{"c++", in_cplusplus},
#endif
};

static double milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int is_named(const char *name, char **names)
{
	int wanted = !*names;
	for (; *names; names++)
		wanted |= !strcmp(name, *names);
	return wanted;
}

int main(int argc, char **argv)
{
	double each = argc > 1 ? strtod(argv[1], NULL) : 50;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		double end = milliseconds() + each;
		while (is_named(ways[i].name, argv + 2 - (argc < 2)) && milliseconds() < end)
			ways[i].run();
	}
	return 0;
}
