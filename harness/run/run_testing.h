/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_testing.h - what unit tests of harness/run share: a session, and a trial run in it
 */
#ifndef RUN_RUN_TESTING_H
#define RUN_RUN_TESTING_H

#include <sanitizer/lsan_interface.h>

#include "harness/run/trial.h"
#include "harness/vm/vm_testing.h"

/**
 * struct bench - A session in the test's folder, with the fake QEMU as the build under test
 * @spec:	the trial: "test.case" without axes, until a test says otherwise
 */
struct bench {
	struct fake fake;
	struct session session;
	struct check_case c;
	struct trial_spec spec;
	struct record record;
};

static inline void bench_init(struct bench *b, const char *mode, void (*run)(struct trial *t))
{
	*b = (struct bench){.c = {.id = "test.case", .title = "it is so", .clause = "doc/1"}};
	fake_init(&b->fake, mode);
	b->c.run = run;
	b->spec = (struct trial_spec){.id = (char *)"test.case", .timeout_s = 10};
	b->spec.variant.c = &b->c;
	b->session = (struct session){.caps = &b->fake.caps,
				      .dir = file_absolute("."),
				      .cache = xstrdup("/no/cache")};
}

static inline void bench_release(struct bench *b)
{
	record_release(&b->record);
	free(b->session.dir);
	free(b->session.cache);
	fake_release(&b->fake);
}

/** bench_run() - Run the trial in this process, which is in its folder then; demand this verdict,
 * and @text in the reason */
static inline void bench_run(struct bench *b, enum verdict verdict, const char *text)
{
	record_release(&b->record);
	__lsan_disable(); /* a trial is a process, and its memory goes with it */
	trial_run(&b->spec, &b->session);
	__lsan_enable();
	ck_assert(record_read(TRIAL_RECORD, &b->record));
	ck_assert_msg(b->record.verdict == verdict, "%s: %s", verdict_name(b->record.verdict),
		      b->record.reason);
	ck_assert_msg(strstr(b->record.reason, text) != NULL, "not '%s' but: %s", text,
		      b->record.reason);
}

#endif
