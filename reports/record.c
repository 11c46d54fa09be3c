// SPDX-License-Identifier: GPL-2.0-or-later
/* record.c - what is kept of a run and of each of its trials, as JSON */
#include "reports/record.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "reports/escape.h"

#define MESSAGES_MAX 5

/**
 * struct field - A string member and its key in JSON
 * @at:	where it is in its struct
 */
struct field {
	const char *key;
	size_t at;
};

#define RECORD_FIELD(name)                                                                         \
	{                                                                                          \
#name, offsetof(struct record, name)                                               \
	}
#define INFO_FIELD(name)                                                                           \
	{                                                                                          \
#name, offsetof(struct run_info, name)                                             \
	}

static const struct field record_fields[] = {
	RECORD_FIELD(id),	RECORD_FIELD(title),	   RECORD_FIELD(clause),
	RECORD_FIELD(level),	RECORD_FIELD(axes),	   RECORD_FIELD(reason),
	RECORD_FIELD(evidence), RECORD_FIELD(expectation), RECORD_FIELD(timings),
};
static const struct field info_fields[] = {
	INFO_FIELD(qemu),    INFO_FIELD(qemu_version), INFO_FIELD(accel),	 INFO_FIELD(kernel),
	INFO_FIELD(started), INFO_FIELD(suite),	       INFO_FIELD(rerun_prefix),
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const verdict_names[VERDICT_N] = {
	[VERDICT_PASS] = "PASS",
	[VERDICT_FAIL] = "FAIL",
	[VERDICT_SKIP] = "SKIP",
	[VERDICT_BROKEN] = "BROKEN",
	[VERDICT_XFAIL] = "XFAIL",
	[VERDICT_XPASS] = "XPASS",
	[VERDICT_NON_STRICT] = "NON-STRICT",
};

const char *verdict_name(enum verdict v)
{
	return v < VERDICT_N ? verdict_names[v] : "?";
}

bool verdict_bad(enum verdict v, bool strict)
{
	return v == VERDICT_FAIL || v == VERDICT_XPASS || v == VERDICT_BROKEN ||
	       (v == VERDICT_NON_STRICT && strict);
}

static bool verdict_parse(const char *name, enum verdict *v)
{
	for (int i = 0; i < VERDICT_N; i++) {
		if (strcmp(verdict_names[i], name) != 0)
			continue;
		*v = (enum verdict)i;
		return true;
	}
	return false;
}

static char **field_of(void *owner, const struct field *f)
{
	return (char **)((char *)owner + f->at);
}

static void fields_release(void *owner, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(*field_of(owner, &fields[i]));
		*field_of(owner, &fields[i]) = NULL;
	}
}

void record_release(struct record *r)
{
	fields_release(r, record_fields, COUNT(record_fields));
	*r = (struct record){0};
}

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		die("out of memory (JSON of a record)");
}

static void set_fields(json_t *object, const void *owner, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf clean = BUF_INIT;

		escape_clean(&clean, *field_of((void *)owner, &fields[i]));
		set(object, fields[i].key, json_stringn(clean.data, clean.len));
		buf_release(&clean);
	}
}

/* JSON has neither NaN nor infinity, and no trial takes less than no time. */
static double sane_seconds(double seconds)
{
	return isfinite(seconds) && seconds > 0 ? seconds : 0;
}

/* The object as text with a line break behind it; it is released. */
static void dump(struct buf *b, json_t *object, size_t flags)
{
	char *text = json_dumps(object, flags | JSON_REAL_PRECISION(9));

	if (!text)
		die("out of memory (JSON of a record)");
	buf_addstr(b, text);
	buf_addstr(b, "\n");
	free(text);
	json_decref(object);
}

static void record_to_json(struct buf *b, const struct record *r)
{
	json_t *object = json_object();

	set_fields(object, r, record_fields, COUNT(record_fields));
	set(object, "verdict", json_string(verdict_name(r->verdict)));
	set(object, "crash", json_boolean(r->crash));
	set(object, "seconds", json_real(sane_seconds(r->seconds)));
	dump(b, object, JSON_COMPACT);
}

/* Fill @owner's strings; an absent one is empty, one that is no string fails. */
static bool get_fields(const json_t *object, void *owner, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_object_get(object, fields[i].key);

		if (value && !json_is_string(value))
			return false;
		*field_of(owner, &fields[i]) = xstrdup(value ? json_string_value(value) : "");
	}
	return true;
}

/* False and the reason in @why when the text is not exactly one whole record. */
static bool record_from_json(struct record *r, const char *text, size_t len, struct buf *why)
{
	json_error_t error;
	json_t *object = json_loadb(text, len, 0, &error);
	const char *verdict = json_string_value(json_object_get(object, "verdict"));
	bool ok = false;

	*r = (struct record){0};
	if (!object)
		escape_line(why, error.text, 120);
	else if (!json_is_object(object))
		buf_addstr(why, "not an object");
	else if (!get_fields(object, r, record_fields, COUNT(record_fields)))
		buf_addstr(why, "a value that should be a string is none");
	else if (!*r->id)
		buf_addstr(why, "no id");
	else if (!verdict || !verdict_parse(verdict, &r->verdict))
		buf_addstr(why, "no known verdict");
	else
		ok = true;
	r->crash = json_is_true(json_object_get(object, "crash"));
	r->seconds = sane_seconds(json_number_value(json_object_get(object, "seconds")));
	json_decref(object);
	if (!ok)
		record_release(r);
	return ok;
}

static char *results_path(const char *dir)
{
	return xasprintf("%s/results.jsonl", dir);
}

void record_append(const char *dir, const struct record *r)
{
	char *path = results_path(dir);
	struct buf line = BUF_INIT, last = BUF_INIT;

	/* A torn line of an earlier, killed run must not swallow this one. */
	if (buf_read_tail(&last, path, 1) && last.len && last.data[0] != '\n')
		buf_addstr(&line, "\n");
	buf_release(&last);
	record_to_json(&line, r);
	file_append(path, line.data, line.len);
	buf_release(&line);
	free(path);
}

void record_write(const char *path, const struct record *r)
{
	struct buf line = BUF_INIT;

	record_to_json(&line, r);
	file_replace(path, line.data, line.len);
	buf_release(&line);
}

bool record_read(const char *path, struct record *r)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	bool ok;

	*r = (struct record){0};
	ok = buf_read_file(&text, path) && record_from_json(r, text.data, text.len, &why);
	buf_release(&why);
	buf_release(&text);
	return ok;
}

void run_info_write(const char *dir, const struct run_info *info)
{
	char *path = xasprintf("%s/run.json", dir);
	struct buf text = BUF_INIT;
	json_t *object = json_object();

	set_fields(object, info, info_fields, COUNT(info_fields));
	set(object, "interrupted", json_boolean(info->interrupted));
	set(object, "strict", json_boolean(info->strict));
	set(object, "selected", json_integer((json_int_t)info->selected));
	set(object, "jobs", json_integer(info->jobs));
	set(object, "seconds", json_real(sane_seconds(info->seconds)));
	dump(&text, object, JSON_INDENT(2));
	file_replace(path, text.data, text.len);
	buf_release(&text);
	free(path);
}

static bool run_info_read(struct run_info *info, const char *dir, struct buf *why)
{
	char *path = xasprintf("%s/run.json", dir);
	struct buf text = BUF_INIT;
	json_error_t error;
	json_t *object = NULL;
	json_int_t selected;
	bool ok = false;

	if (!buf_read_file(&text, path)) {
		buf_addf(why, "unable to read %s: %s", path, strerror(errno));
	} else if (!(object = json_loadb(text.data, text.len, 0, &error))) {
		buf_addf(why, "%s: ", path);
		escape_line(why, error.text, 120);
	} else if (!json_is_object(object) ||
		   !get_fields(object, info, info_fields, COUNT(info_fields))) {
		buf_addf(why, "%s: not the description of a run", path);
	} else {
		ok = true;
	}
	info->interrupted = json_is_true(json_object_get(object, "interrupted"));
	info->strict = json_is_true(json_object_get(object, "strict"));
	selected = json_integer_value(json_object_get(object, "selected"));
	info->selected = selected > 0 ? (size_t)selected : 0;
	info->jobs = (int)json_integer_value(json_object_get(object, "jobs"));
	info->seconds = sane_seconds(json_number_value(json_object_get(object, "seconds")));
	json_decref(object);
	buf_release(&text);
	free(path);
	return ok;
}

/**
 * struct slot - A record while the run is put in order
 * @seq:	its place in the file: of two with the same id the later one counts
 */
struct slot {
	struct record record;
	size_t seq;
};

static int slot_compare(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	int order = strcmp(x->record.id, y->record.id);

	if (order)
		return order;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* All whole records of the file in the file's order; what is none is told in @why and left out. */
static struct slot *slots_read(const struct buf *text, size_t *n, struct buf *why)
{
	struct slot *slots = NULL;
	size_t cap = 0, bad = 0, number = 0;

	*n = 0;
	for (size_t at = 0; at < text->len;) {
		const char *line = text->data + at;
		const char *end = memchr(line, '\n', text->len - at);
		size_t len = end ? (size_t)(end - line) : text->len - at;
		struct buf reason = BUF_INIT;

		if (*n == cap) {
			cap = cap ? cap * 2 : 64;
			slots = xrealloc(slots, cap * sizeof(*slots));
		}
		at += len + 1;
		number++;
		if (!len)
			continue;
		if (record_from_json(&slots[*n].record, line, len, &reason)) {
			slots[*n].seq = number;
			(*n)++;
		} else if (++bad <= MESSAGES_MAX) {
			buf_addf(why, "%sresults.jsonl line %zu is %s and left out: %s",
				 why->len ? "\n" : "", number, end ? "no record" : "torn",
				 reason.data);
		}
		buf_release(&reason);
	}
	if (bad > MESSAGES_MAX)
		buf_addf(why, "\nresults.jsonl: %zu more such lines", bad - MESSAGES_MAX);
	return slots;
}

static void run_fill(struct run *run, const struct buf *text, struct buf *why)
{
	size_t n;
	struct slot *slots = slots_read(text, &n, why);

	run->records = xcalloc(n, sizeof(*run->records));
	if (n)
		qsort(slots, n, sizeof(*slots), slot_compare);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && strcmp(slots[i].record.id, slots[i + 1].record.id) == 0) {
			record_release(&slots[i].record);
			continue;
		}
		run->records[run->n++] = slots[i].record;
		run->count[slots[i].record.verdict]++;
	}
	free(slots);
}

bool run_load(struct run *run, const char *dir, struct buf *why)
{
	char *path = results_path(dir);
	struct buf text = BUF_INIT;
	bool ok;

	*run = (struct run){.dir = xstrdup(dir)};
	ok = run_info_read(&run->info, dir, why);
	/* No trial has ended yet: a run without records, and not an unreadable one. */
	if (ok && !buf_read_file(&text, path) && errno != ENOENT) {
		buf_addf(why, "unable to read %s: %s", path, strerror(errno));
		ok = false;
	}
	if (ok)
		run_fill(run, &text, why);
	else
		run_release(run);
	buf_release(&text);
	free(path);
	return ok;
}

void run_release(struct run *run)
{
	for (size_t i = 0; i < run->n; i++)
		record_release(&run->records[i]);
	free(run->records);
	fields_release(&run->info, info_fields, COUNT(info_fields));
	free(run->dir);
	*run = (struct run){0};
}

int run_exit(const struct run *run)
{
	const size_t *count = run->count;

	if (count[VERDICT_FAIL] || count[VERDICT_XPASS] ||
	    (count[VERDICT_NON_STRICT] && run->info.strict))
		return EXIT_FAILED;
	/* A trial without a record is one that we cannot judge. */
	if (count[VERDICT_BROKEN] || run->info.interrupted || run->n < run->info.selected)
		return EXIT_BROKEN;
	return count[VERDICT_PASS] ? EXIT_WELL : EXIT_BROKEN;
}

void run_totals(const struct run *run, struct buf *b)
{
	size_t failed = 0, skipped = run->count[VERDICT_SKIP];

	for (int v = 0; v < VERDICT_N; v++)
		if (verdict_bad((enum verdict)v, run->info.strict))
			failed += run->count[v];
	buf_addf(b, "%zu passed, %zu failed, %zu skipped", run->count[VERDICT_PASS], failed,
		 skipped);
}
