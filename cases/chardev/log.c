// SPDX-License-Identifier: GPL-2.0-or-later
/* log.c - logfile=, logappend= and logtimestamp= of every kind of backend */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cases/chardev/host.h"

#define LOG   "c0.log"
#define OLD   "what an earlier run left here, and did not end with a new line:"
#define LINES 8
#define STAMP 28  /* "2026-11-21T06:06:27.382667Z " */
#define AGE_S 600 /* how far a stamp may be from now */

/**
 * struct kind - A backend to be logged
 * @text:	behind -chardev; NULL: one with a host end
 * @hub:	its only leg
 */
static const struct kind {
	const char *name, *text;
	enum chr_kind kind;
	bool mux, hub;
} kinds[] = {
	{.name = "null", .text = "null,id=c0"},
	{.name = "ringbuf", .text = "ringbuf,id=c0"},
	{.name = "vc", .text = "vc,id=c0"},
	{.name = "stdio", .text = "stdio,id=c0"},
	{.name = "msmouse", .text = "msmouse,id=c0"},
	{.name = "wctablet", .text = "wctablet,id=c0"},
	{.name = "testdev", .text = "testdev,id=c0"},
	{.name = "hub", .text = "hub,id=c0,chardevs.0=leg", .hub = true},
	{.name = "unix", .kind = CHR_UNIX},
	{.name = "tcp", .kind = CHR_TCP},
	{.name = "udp", .kind = CHR_UDP},
	{.name = "pty", .kind = CHR_PTY},
	{.name = "pipe", .kind = CHR_PIPE},
	{.name = "file", .kind = CHR_FILE},
	{.name = "serial", .kind = CHR_SERIAL},
	{.name = "mux", .kind = CHR_UNIX, .mux = true},
};

static const struct kind *kind_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "chardev", kinds[i].name))
		i++;
	return &kinds[i];
}

static const char *options_of(const struct variant *v, const struct kind *k)
{
	if (variant_is(v, "log", "stamps"))
		return k->mux ? "mux=on,logfile=" LOG ",logtimestamp=on"
			      : "logfile=" LOG ",logtimestamp=on";
	if (variant_is(v, "log", "append"))
		return k->mux ? "mux=on,logfile=" LOG ",logappend=on"
			      : "logfile=" LOG ",logappend=on";
	return k->mux ? "mux=on,logfile=" LOG : "logfile=" LOG;
}

static void log_plan(const struct variant *v, struct plan *plan)
{
	const struct kind *k = kind_of(v);

	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	if (k->hub)
		bare_chardev(plan, "ringbuf,id=leg");
	if (k->text) {
		bare_chardev(plan, "%s,%s", k->text, options_of(v, k));
		return;
	}
	plan_add_chr(plan, "c0", k->kind, CHR_QEMU_LISTENS);
	plan->chrs[0].options = options_of(v, k);
}

static const char *stamps_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps_version_at_least(caps, 11, 0, 0) ? NULL
						     : "logtimestamp= is there from QEMU 11.0 on";
}

static const char *log_lacks(const struct variant *v, const struct caps *caps)
{
	const char *why = variant_is(v, "log", "stamps") ? stamps_lacks(v, caps) : NULL;

	if (why)
		return why;
	return kind_of(v)->hub && !caps_has_backend(caps, "hub")
		       ? "-chardev hub is there from QEMU 10.0 on"
		       : NULL;
}

/* No q, which testdev obeys. */
static void add_line(struct buf *b, unsigned nr)
{
	buf_addf(b, "%u: a line that the device sends\r\n", nr);
}

/* The time of a stamp, in microseconds of UTC; -1: it is none. */
static long long stamp_us(const char *at)
{
	struct tm tm = {0};
	long us;
	int n = 0;

	if (sscanf(at, "%4d-%2d-%2dT%2d:%2d:%2d.%6ldZ %n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &us, &n) != 7 ||
	    n < STAMP || at[STAMP - 1] != ' ')
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (long long)timegm(&tm) * 1000000 + us;
}

/* The log holds this, each line of it behind a stamp if there are to be stamps. */
static void log_is(struct trial *t, const struct buf *want)
{
	struct buf log = BUF_INIT, bare = BUF_INIT;
	const char *at, *end;

	if (!trial_is(t, "log", "stamps")) {
		host_file_is(t, LOG, want->data, want->len);
		return;
	}
	CHECK(t, buf_read_file(&log, LOG), "there is no log");
	for (at = log.data; at < log.data + log.len; at = end + 1) {
		CHECK(t, stamp_us(at) >= 0, "a line of the log begins with \"%.30s\"", at);
		end = strchr(at, '\n');
		CHECK(t, end, "the last line of the log is \"%.60s\"", at);
		buf_add(&bare, at + STAMP, (size_t)(end + 1 - at - STAMP));
	}
	CHECK(t, bare.len == want->len && memcmp(bare.data, want->data, bare.len) == 0,
	      "behind its stamps the log has %zu bytes, want %zu, or others", bare.len, want->len);
	buf_release(&bare);
	buf_release(&log);
}

CASE(log_each, .id = "log.each",
     .title =
	     "every kind of backend logs what the device sends, whether a host is there or not, and "
	     "nothing of what it gets; logappend= decides what becomes of an older "
	     "log, logtimestamp= puts a time before each line",
     .clause = "qemu/qapi/char.json ChardevCommon; qemu/chardev/char.c qemu_chr_write_log()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"chardev", "log", NULL}, .lacks = log_lacks, .plan = log_plan)
{
	const struct kind *k = kind_of(&t->spec->variant);
	struct buf want = BUF_INIT, why = BUF_INIT;
	struct stream s;
	struct bare *b;

	host_file_make(t, LOG, OLD, strlen(OLD));
	if (trial_is(t, "log", "append"))
		buf_addstr(&want, OLD);
	b = trial_bare(t);
	log_is(t, &want);
	for (unsigned i = 0; i < LINES; i++) {
		size_t before = want.len;

		if (i == LINES / 2 && !k->text) {
			s = stream_plain(bare_open(b, "c0"));
			bare_settle(b);
			if (k->kind != CHR_FILE)
				bare_host_send(b, &s, "heard\n", 6);
			bare_settle(b);
		}
		add_line(&want, i);
		bare_send(b, b->front, want.data + before, want.len - before);
		log_is(t, &want);
	}
	CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
	log_is(t, &want);
	buf_release(&want);
}

static void stamps_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "ringbuf,id=c0,logfile=" LOG ",logtimestamp=on");
}

/* Each line of the log is a stamp and the line. */
static void lines_are(struct trial *t, const char *const *lines, size_t n)
{
	long long before = ((long long)time(NULL) - AGE_S) * 1000000;
	struct buf log = BUF_INIT;
	const char *at;

	CHECK(t, buf_read_file(&log, LOG), "there is no log");
	at = log.data;
	for (size_t i = 0; i < n; i++) {
		long long now = stamp_us(at);

		CHECK(t, now >= 0, "line %zu of the log begins with \"%.30s\", which is no time", i,
		      at);
		CHECK(t, now >= before && now < ((long long)time(NULL) + AGE_S) * 1000000,
		      "the time of line %zu, \"%.30s\", is before the one above or not now", i, at);
		before = now;
		at += STAMP;
		CHECK(t, strncmp(at, lines[i], strlen(lines[i])) == 0,
		      "line %zu of the log is \"%.40s\", want \"%.40s\"", i, at, lines[i]);
		at += strlen(lines[i]);
	}
	CHECK(t, !*at, "behind the last line there is \"%.40s\"", at);
	buf_release(&log);
}

CASE(log_timestamps, .id = "log.timestamps",
     .title = "with logtimestamp=on each line of the log, and only the log, begins with the time "
	      "when its first byte was sent",
     .clause = "qemu/qapi/char.json ChardevCommon logtimestamp", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .lacks = stamps_lacks,
     .plan = stamps_plan)
{
	static const char *const said[] = {"one\n", "tw", "o\n\n", "three\r\nfour\nfi",
					   "ve\n",  "s"};
	static const char *const lines[] = {"one\n",  "two\n",	"\n", "three\r\n",
					    "four\n", "five\n", "s"};
	struct bare *b = trial_bare(t);
	struct buf all = BUF_INIT;
	char *ring;

	bare_host_opened(b, b->front, true);
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		bare_send(b, b->front, said[i], strlen(said[i]));
		buf_addstr(&all, said[i]);
	}
	lines_are(t, lines, sizeof(lines) / sizeof(*lines));
	bare_qmp(b, "ringbuf-read", "{\"device\": \"c0\", \"size\": 1000}");
	ring = qmp_get(&b->rig->vm.qmp, "");
	CHECK(t, ring && strcmp(ring, all.data) == 0, "the backend got \"%s\"", ring);
	free(ring);
	buf_release(&all);
}
