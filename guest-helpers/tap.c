/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tap.c - TAP version 14: strict, flushed line by line, the plan counted and put last. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "helper.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int n_tests, n_not_ok;

/*
 * Print "HEAD TEXT\n" with TEXT fit for TAP: one line, and '#' and '\' escaped where a reader would
 * take them for a directive.
 */
PRINTF(3, 0) static void put_line(const char *head, bool escape, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	fputs(head, stdout);
	for (const char *p = text; *p; p++) {
		if (escape && (*p == '#' || *p == '\\'))
			putchar('\\');
		putchar((unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
	}
	putchar('\n');
	/* The harness acts on a line as it comes; if nobody can read it, nobody needs us. */
	if (fflush(stdout))
		_exit(EXIT_BAIL);
}

/** tap_begin() - print the version line */
void tap_begin(void)
{
	puts("TAP version 14");
	fflush(stdout);
}

/** tap_ok() - one test point, "ok N - .." or "not ok N - .." */
void tap_ok(bool ok, const char *fmt, ...)
{
	char head[32];
	va_list ap;

	pthread_mutex_lock(&lock);
	n_tests++;
	n_not_ok += !ok;
	snprintf(head, sizeof(head), "%sok %u - ", ok ? "" : "not ", n_tests);
	va_start(ap, fmt);
	put_line(head, true, fmt, ap);
	va_end(ap);
	pthread_mutex_unlock(&lock);
}

/** tap_diag() - one "# .." line */
void tap_diag(const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&lock);
	va_start(ap, fmt);
	put_line("# ", false, fmt, ap);
	va_end(ap);
	pthread_mutex_unlock(&lock);
}

/** tap_bail() - "Bail out! ..", from any thread; nothing is printed after it */
void tap_bail(const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&lock);
	va_start(ap, fmt);
	put_line("Bail out! ", true, fmt, ap);
	va_end(ap);
	/* The lock stays taken: the other threads must not add a line on the way out. */
	_exit(EXIT_BAIL);
}

/** tap_done() - print the plan; returns the exit status */
int tap_done(void)
{
	pthread_mutex_lock(&lock);
	printf("1..%u\n", n_tests);
	if (fflush(stdout))
		_exit(EXIT_BAIL);
	pthread_mutex_unlock(&lock);
	return n_not_ok ? EXIT_NOT_OK : EXIT_OK;
}
