/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * e2e.h - start the program as a user does, and look at everything that it leaves
 *
 * DOC: how a test goes
 *
 *	struct e2e e;
 *
 *	e2e_init(&e, E2E_DEMO, "one", "");		folder one/, with one/cases.conf
 *	e2e_do(&e, EXIT_FAILED, "run", "demo.fails", NULL);
 *	e2e_verdict(&e, "demo.fails", VERDICT_FAIL, "not three");
 *	e2e_clean(&e);					no process, no stray file
 *	e2e_release(&e);
 *
 * Every process of a run has a variable in its environment by which it is found again, whoever its
 * parent is by then. A test that fails ends with what the program printed.
 */
#ifndef SELFTEST_E2E_H
#define SELFTEST_E2E_H

#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/base/proc.h"
#include "harness/selftest/unit.h"
#include "reports/record.h"

#define E2E_DEMO "chardev-check-demo"
#define E2E_REAL "chardev-check"

/**
 * struct e2e - One use of the program after the other, in one folder
 * @program:	E2E_DEMO or E2E_REAL
 * @dir:	the folder, absolute; it is the program's --build
 * @conf:	what --conf names; to be replaced before e2e_start() by a test that wants another
 * one
 * @env:	"NAME=value" that the program gets besides
 * @before:	words in front of the program (a shell that limits it ..)
 * @status:	exit code of the last use; 128 + signal after a signal
 * @out, @err:	what it printed
 */
struct e2e {
	const char *program;
	char *dir, *conf, *mark;
	struct strv env, before;
	struct proc proc;
	int status;
	struct buf out, err;
};

/** e2e_root() - The source tree, absolute */
const char *e2e_root(void);
/** e2e_built() - Absolute path of what the build made; malloc'ed */
char *e2e_built(const char *name);

/** e2e_init() - Folder @name with a cases.conf of @conf_text (NULL: the tree's own) */
void e2e_init(struct e2e *e, const char *program, const char *name, const char *conf_text);
void e2e_release(struct e2e *e);
/** e2e_start() - Start it with a verb and words, NULL behind the last */
void e2e_start(struct e2e *e, const char *verb, ...) __attribute__((sentinel));
/** e2e_end() - Wait for its end, @seconds at most, and demand this exit code */
void e2e_end(struct e2e *e, int status, int seconds);
/** e2e_do() - Both */
void e2e_do(struct e2e *e, int status, const char *verb, ...) __attribute__((sentinel));

/** e2e_fail() - End the test: what is wrong, and what the program printed */
noreturn void e2e_fail(const struct e2e *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
#define E2E_CHECK(e, cond, ...)                                                                    \
	do {                                                                                       \
		if (!(cond))                                                                       \
			e2e_fail(e, __VA_ARGS__);                                                  \
	} while (0)

/** e2e_one_line() - Its stderr is one line "chardev-check: ..", with @text in it */
void e2e_one_line(const struct e2e *e, const char *text);
/** e2e_prints() - Its stdout has @text */
void e2e_prints(const struct e2e *e, const char *text);
/** e2e_totals() - The last line of stdout */
void e2e_totals(const struct e2e *e, const char *line);

/** e2e_path() - DIR/results/latest/NAME; malloc'ed */
char *e2e_path(const struct e2e *e, const char *name);
/** e2e_load() - The last run, read back; for the caller to run_release() */
void e2e_load(const struct e2e *e, struct run *run);
/** e2e_count() - The last run has @n records */
void e2e_count(const struct e2e *e, size_t n);
/** e2e_verdict() - The last run has this verdict for @id, and @text in its reason */
void e2e_verdict(const struct e2e *e, const char *id, enum verdict verdict, const char *text);
/** e2e_evidence() - Whether the last run kept @file of trial @id */
bool e2e_evidence(const struct e2e *e, const char *id, const char *file);

/** e2e_await() - Wait until trial @id's log has @text: it got there */
void e2e_await(struct e2e *e, const char *id, const char *text);
/** e2e_trial() - The process that runs trial @id now: the one in its folder that none other there
 * has started */
pid_t e2e_trial(const struct e2e *e, const char *id);
/** e2e_parent() - The process that started @pid; 0: it is gone */
pid_t e2e_parent(pid_t pid);
/** e2e_processes() - How many processes of this run there are */
int e2e_processes(const struct e2e *e);
/** e2e_kill_all() - SIGKILL them: a test that failed because something is left leaves nothing */
void e2e_kill_all(const struct e2e *e);
/** e2e_gone() - Wait until there is none left */
void e2e_gone(const struct e2e *e);
/** e2e_clean() - None is left now, and no file but those that belong there */
void e2e_clean(const struct e2e *e);

/** e2e_fake() - Make a QEMU of the fake one: behaves when it is probed, and as @mode says
 * (FAKE_QEMU) in a trial; path, malloc'ed */
char *e2e_fake(struct e2e *e, const char *mode);

#endif
