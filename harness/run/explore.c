// SPDX-License-Identifier: GPL-2.0-or-later
/* explore.c - random scripts on QEMU and the reference device */
#include "harness/run/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/deadline.h"
#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/cross.h"
#include "harness/run/sides.h"
#include "harness/wire/explore.h"

#define STEPS	    30
#define SECONDS	    60
#define REDUCE_RUNS 120

/* What the verb was asked for; the process of its trial has a copy. */
static struct explore_options asked;
static const char *folder, *where;

static void write_findings(const struct explore *e, size_t from)
{
	for (size_t i = from; i < e->n_found; i++) {
		char *path =
			xasprintf("%s/found-%llu.c", folder, (unsigned long long)e->found[i].seed);
		struct buf b = BUF_INIT;

		explore_case(&e->found[i], where, &b);
		file_write(path, b.data, b.len);
		buf_release(&b);
		free(path);
	}
}

/* Until time or number is up; false: one of the sides cannot be made. */
static bool search(struct explore *e)
{
	unsigned long long seconds = asked.seconds ? asked.seconds : asked.count ? 0 : SECONDS;
	int64_t began = now_ns(), end = began + (int64_t)seconds * 1000000000;

	for (unsigned long long i = 0;
	     (!asked.count || i < asked.count) && (!seconds || now_ns() < end); i++) {
		size_t before = e->n_found;

		if (!explore_one(e, asked.seed + i))
			return false;
		write_findings(e, before);
	}
	return true;
}

static void conclude(const struct explore *e, int64_t began, struct buf *b)
{
	double s = (double)(now_ns() - began) / 1e9;

	explore_report(e, where, b);
	buf_addf(b, "%.1f s, %.1f scripts a second\n", s, (double)e->played / s);
}

void trial_seeds(struct trial *t, uint64_t seed, unsigned n)
{
	struct sides sides;
	struct explore e = {.steps = STEPS,
			    .reduce = t->session->silent ? 0 : REDUCE_RUNS,
			    .why = BUF_INIT};
	struct buf text = BUF_INIT;

	sides_init(&sides, t);
	sides.anew.runs = 1;
	e.config = &sides.config;
	e.quick = sides.quick;
	e.anew = sides.slow;
	for (unsigned i = 0; i < n; i++) {
		CHECK(t, explore_one(&e, seed + i), "%s", e.why.data);
		CHECK(t, !t->session->silent || !e.n_found, "the script of seed %llu differs",
		      (unsigned long long)seed + i);
	}
	explore_report(&e, strchr(t->spec->id, '@') + 1, &text);
	CHECK(t, e.n_found == 0, "QEMU and the reference differ: %s", text.data);
	trial_note(t, "%s", text.data);
	explore_release(&e);
	buf_release(&text);
}

void explore_prepare(const char *folder_, const struct explore_options *o, const char *where_)
{
	folder = folder_;
	asked = *o;
	where = where_;
}

void explore_trial(struct trial *t)
{
	struct sides sides;
	struct explore e = {.steps = STEPS, .reduce = REDUCE_RUNS, .why = BUF_INIT};
	struct buf text = BUF_INIT;
	char *path = xasprintf("%s/report", folder);
	int64_t began;
	bool well;

	sides_init(&sides, t);
	sides.anew.runs = 1;
	e.config = &sides.config;
	e.quick = sides.quick;
	e.anew = sides.slow;
	trial_qemu(t); /* its start is not counted */
	began = now_ns();
	well = search(&e);
	conclude(&e, began, &text);
	file_write(path, text.data, text.len);
	CHECK(t, well, "%s", e.why.data);
	CHECK(t, e.n_found == 0, "%zu causes of differences, see %s", e.n_found, path);
	free(path);
	explore_release(&e);
	buf_release(&text);
}

int explore_reference(void)
{
	struct target_config config = {.transport = TARGET_PCI_MODERN,
				       .properties = "max_ports=4",
				       .ports = {{.nr = 0, .console = true},
						 {.nr = 1, .name = WIRE_NAME}},
				       .n_ports = 2};
	struct ref_side ref = {.config = &config, .personality = "strict"};
	const struct cross_side both[2] = {{"one", side_ref_fresh, side_ref_done, &ref, NULL},
					   {"other", side_ref_fresh, side_ref_done, &ref, NULL}};
	struct explore e = {.config = &config,
			    .quick = both,
			    .anew = both,
			    .steps = STEPS,
			    .reduce = REDUCE_RUNS,
			    .why = BUF_INIT};
	struct buf text = BUF_INIT;
	int64_t began = now_ns();
	int status;

	if (!search(&e))
		die("%s", e.why.data);
	conclude(&e, began, &text);
	fputs(text.data, stdout);
	status = e.n_found ? EXIT_FAILED : EXIT_WELL;
	explore_release(&e);
	buf_release(&text);
	return status;
}
