/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * die.h - end the program, or the trial, with one line that says why
 *
 * There are two kinds of trouble. *Answers* (a timeout, an end of file, a QMP error, a damaged
 * payload) are return values: a case judges them. *Breakages* (no memory, a full disk, a file of
 * ours that cannot be opened) end what runs: die() prints one line and exits, or, inside a trial,
 * ends that trial with the verdict BROKEN. There is no third kind.
 */
#ifndef BASE_DIE_H
#define BASE_DIE_H

#include <stdarg.h>
#include <stdnoreturn.h>

/** enum exit_code - What the exit status of every program of the suite means */
enum exit_code {
	EXIT_WELL = 0,	 /* everything ran, at least one PASS, nothing failed */
	EXIT_FAILED = 1, /* a FAIL or an XPASS */
	EXIT_BROKEN = 2, /* something could not be judged: our trouble, or the host's */
	EXIT_USAGE = 64, /* what the user gave makes no sense (sysexits EX_USAGE) */
};

/**
 * typedef-free hook called by die() instead of printing and exiting
 * @arg:	what die_set_hook() was given
 * @message:	the whole message, without program name or newline
 *
 * Must not return.
 */
struct die_hook {
	void (*fn)(void *arg, const char *message);
	void *arg;
};

/** die_set_hook() - Let @hook end the trial instead; copied. NULL takes the hook away */
void die_set_hook(const struct die_hook *hook);

/** die() - A breakage: print "chardev-check: message" and exit with EXIT_BROKEN */
noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** die_errno() - die() with ": " and the text of errno behind the message */
noreturn void die_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** die_usage() - What the user asked for makes no sense: print the line, exit with EXIT_USAGE */
noreturn void die_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** warn() - Print "chardev-check: message" to stderr and go on */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
