// SPDX-License-Identifier: GPL-2.0-or-later
/* die.c - end the program, or the trial, with one line that says why */
#include "harness/base/die.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct die_hook die_hook;

void die_set_hook(const struct die_hook *hook)
{
	die_hook = hook ? *hook : (struct die_hook){NULL, NULL};
}

static noreturn void die_message(const char *message, int status)
{
	struct die_hook hook = die_hook;

	if (hook.fn) {
		die_hook.fn = NULL; /* a hook that dies itself ends here, not in a loop */
		hook.fn(hook.arg, message);
	}
	fprintf(stderr, "chardev-check: %s\n", message);
	exit(status);
}

void die(const char *fmt, ...)
{
	char message[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	die_message(message, EXIT_BROKEN);
}

void die_errno(const char *fmt, ...)
{
	char what[1920], message[2048];
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(message, sizeof(message), "%s: %s", what, strerror(saved));
	die_message(message, EXIT_BROKEN);
}

void die_usage(const char *fmt, ...)
{
	char message[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	die_message(message, EXIT_USAGE);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	fputs("chardev-check: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
