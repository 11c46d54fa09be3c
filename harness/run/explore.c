// SPDX-License-Identifier: GPL-2.0-or-later
/* explore.c - random scripts on QEMU and the reference device */
#include "harness/run/explore.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/cross.h"
#include "harness/run/sides.h"
#include "harness/wire/explore.h"

#define STEPS	    30
#define SECONDS	    60
#define REDUCE_RUNS 120
#define SAVE_NS	    1000000000

/* What the verb was asked for; the processes of its trials have copies. */
static struct explore_options asked;
static const char *folder, *where;
static unsigned parts = 1;

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

/* Whole or not at all, whenever this process is killed. */
static void write_file(const char *name, const struct buf *b, mode_t mode)
{
	char *path = xasprintf("%s/%s", folder, name), *first = xasprintf("%s.new", path);

	file_write(first, b->data, b->len);
	if (chmod(first, mode) < 0 || rename(first, path) < 0)
		die_errno("unable to write %s", path);
	free(first);
	free(path);
}

/* A case, and a line for the shell. */
static void write_finding(const struct explore_finding *f, const char *at)
{
	char *name = xasprintf("found-%llu.c", (unsigned long long)f->seed);
	struct buf b = BUF_INIT;

	explore_case(f, at, &b);
	write_file(name, &b, 0644);
	buf_clear(&b);
	memcpy(strrchr(name, '.'), "", 1);
	buf_addstr(&b, "#!/bin/sh\n# from the folder where build/ is; -q FILE: another QEMU\n"
		       "exec build/");
	explore_shell(f, at, &b);
	b.data[--b.len] = '\0';
	buf_addstr(&b, " \"$@\"\n");
	write_file(name, &b, 0755);
	buf_release(&b);
	free(name);
}

/**
 * struct search - One that goes on
 * @part:	which of several; NULL: it is all there is
 * @began, @saved: when it did, and when its report was written
 */
struct search {
	struct explore e;
	const char *part;
	int64_t began, saved;
};

static void search_init(struct search *s)
{
	*s = (struct search){
		.e = {.steps = STEPS, .reduce = REDUCE_RUNS, .why = BUF_INIT},
		.began = now_ns(),
	};
}

static void write_report(const struct explore *e, int64_t began)
{
	double seconds = (double)(now_ns() - began) / 1e9;
	struct buf b = BUF_INIT;

	explore_report(e, &b);
	buf_addf(&b, "explore from seed %llu: ", asked.seed);
	explore_sum(e, &b);
	buf_addf(&b, "; %.1f s, %.1f scripts a second\n", seconds, (double)e->played / seconds);
	write_file("report", &b, 0644);
	buf_release(&b);
}

/* All of it; whoever is killed has left this. */
static void save(struct search *s)
{
	struct buf b = BUF_INIT;

	if (s->part) {
		char *name = xasprintf("part-%s", s->part);

		explore_write(&s->e, &b);
		write_file(name, &b, 0644);
		free(name);
	} else {
		write_report(&s->e, s->began);
	}
	s->saved = now_ns();
	buf_release(&b);
}

/* Is time or number up, or was it interrupted? */
static bool goes_on(const struct search *s, unsigned long long nth)
{
	unsigned long long seconds = asked.seconds ? asked.seconds : asked.count ? 0 : SECONDS;

	return !interrupted && (!asked.count || nth < asked.count) &&
	       (!seconds || now_ns() < s->began + (int64_t)seconds * 1000000000);
}

/* The next script; false: one of the sides cannot be made. */
static bool search_one(struct search *s, unsigned long long nth, const char *at)
{
	size_t before = s->e.n_found;

	if (!explore_one(&s->e, asked.seed + nth))
		return false;
	for (size_t i = before; i < s->e.n_found; i++)
		write_finding(&s->e.found[i], at);
	if (s->e.n_found > before || now_ns() > s->saved + SAVE_NS)
		save(s);
	return true;
}

/* ---- trials */

void trial_seeds(struct trial *t, uint64_t seed, unsigned n)
{
	struct search s;
	struct sides sides;
	const char *ring = variant_get(&t->spec->variant, "ring");
	struct buf text = BUF_INIT;
	char *variant = xasprintf("%s%s%s", variant_get(&t->spec->variant, "transport"),
				  ring ? "," : "", ring ? ring : "");

	search_init(&s);
	sides_init(&sides, t);
	sides.quick[0].variant = variant; /* "play" knows no seeds */
	if (t->session->silent)
		s.e.reduce = 0;
	s.e.config = &sides.config;
	s.e.quick = sides.quick;
	s.e.anew = sides.slow;
	for (unsigned i = 0; i < n; i++) {
		CHECK(t, explore_one(&s.e, seed + i), "%s", s.e.why.data);
		CHECK(t, !t->session->silent || !s.e.n_found, "the script of seed %llu differs",
		      (unsigned long long)seed + i);
	}
	explore_report(&s.e, &text);
	CHECK(t, s.e.n_found == 0, "QEMU and the reference differ: %s", text.data);
	explore_sum(&s.e, &text);
	trial_note(t, "%s", text.data);
	explore_release(&s.e);
	buf_release(&text);
	free(variant);
}

void explore_prepare(const char *folder_, const struct explore_options *o, const char *where_,
		     unsigned parts_)
{
	folder = folder_;
	asked = *o;
	where = where_;
	parts = parts_;
}

/* Parts are numbered from 1 on. */
static const char *part_name(unsigned i)
{
	static char names[EXPLORE_PARTS][sizeof("4294967295")];

	snprintf(names[i], sizeof(names[i]), "%u", i + 1);
	return names[i];
}

struct rows explore_rows(void)
{
	static struct {
		const char *name;
	} rows[EXPLORE_PARTS];

	for (unsigned i = 0; i < parts; i++)
		rows[i].name = part_name(i);
	return (struct rows){rows, &rows->name, sizeof(*rows), parts};
}

/* Each part has every so manieth seed. */
void explore_trial(struct trial *t)
{
	struct search s;
	struct sides sides;
	bool well = true;

	sides_init(&sides, t);
	sides.quick[0].variant = where; /* "play" knows no parts */
	search_init(&s);
	s.part = variant_get(&t->spec->variant, ROW_AXIS);
	s.e.config = &sides.config;
	s.e.quick = sides.quick;
	s.e.anew = sides.slow;
	for (unsigned long long i = strtoull(s.part, NULL, 10) - 1; well && goes_on(&s, i);
	     i += parts)
		well = search_one(&s, i, where);
	save(&s);
	CHECK(t, well, "%s", s.e.why.data);
	CHECK(t, s.e.n_found == 0, "%zu causes of differences, see %s", s.e.n_found, folder);
	explore_release(&s.e);
}

/* A cause that another part found in an earlier script. */
static void remove_finding(const char *seed)
{
	for (int i = 0; i < 2; i++) {
		char *path = xasprintf("%s/found-%s%s", folder, seed, i ? ".c" : "");

		if (unlink(path) < 0 && errno != ENOENT)
			die_errno("unable to remove %s", path);
		free(path);
	}
}

void explore_gather(int64_t began)
{
	struct explore all = {.why = BUF_INIT};
	struct strv gone = {NULL, 0};

	for (unsigned i = 0; i < parts; i++) {
		char *path = xasprintf("%s/part-%s", folder, part_name(i));
		struct buf text = BUF_INIT, why = BUF_INIT;

		/* One that was killed early has left none. */
		if (buf_read_file(&text, path)) {
			if (!explore_merge(&all, text.data, &gone, &why))
				die("%s: %s", path, why.data);
			if (unlink(path) < 0)
				die_errno("unable to remove %s", path);
		}
		buf_release(&text);
		buf_release(&why);
		free(path);
	}
	for (size_t i = 0; i < gone.n; i++)
		remove_finding(gone.v[i]);
	write_report(&all, began);
	strv_release(&gone);
	explore_release(&all);
}

/* ---- without QEMU */

/* In turn: each topology with each personality. */
static const struct {
	const char *name;
	enum target_transport transport;
	const char *properties;
} topologies[] = {
	{"pci-modern,split", TARGET_PCI_MODERN, "max_ports=4"},
	{"pci-modern,packed", TARGET_PCI_MODERN, "max_ports=4,packed=on"},
	{"mmio-modern,split", TARGET_MMIO_MODERN, "max_ports=4"},
	{"pci-transitional,packed", TARGET_PCI_TRANSITIONAL, "max_ports=4,packed=on"},
	{"pci-legacy", TARGET_PCI_LEGACY, "max_ports=4"},
	{"mmio-modern,packed", TARGET_MMIO_MODERN, "max_ports=4,packed=on"},
	{"pci-transitional,split", TARGET_PCI_TRANSITIONAL, "max_ports=4"},
	{"mmio-legacy", TARGET_MMIO_LEGACY, "max_ports=4"},
};
#define TOPOLOGIES (sizeof(topologies) / sizeof(*topologies))

int explore_reference(void)
{
	struct target_config config = {.ports = {{.nr = 0, .console = true},
						 {.nr = 1, .name = WIRE_NAME}},
				       .n_ports = 2};
	struct ref_side ref = {.config = &config};
	const struct cross_side both[2] = {{"one", side_ref_fresh, side_ref_done, &ref, NULL},
					   {"other", side_ref_fresh, side_ref_done, &ref, NULL}};
	const char *const *personalities = refdev_personalities();
	size_t n_personalities = 0;
	struct search s;
	int status;

	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	while (personalities[n_personalities])
		n_personalities++;
	search_init(&s);
	s.e.config = &config;
	s.e.quick = s.e.anew = both;
	for (unsigned long long i = 0; goes_on(&s, i); i++) {
		size_t at = (asked.seed + i) % TOPOLOGIES;

		config.transport = topologies[at].transport;
		config.properties = topologies[at].properties;
		ref.personality = personalities[(asked.seed + i) / TOPOLOGIES % n_personalities];
		if (!search_one(&s, i, topologies[at].name))
			die("%s", s.e.why.data);
	}
	save(&s);
	status = interrupted ? EXIT_BROKEN : s.e.n_found ? EXIT_FAILED : EXIT_WELL;
	explore_release(&s.e);
	return status;
}
