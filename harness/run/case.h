/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * case.h - what a case is, and how one registers itself
 *
 * A case is one claim about the system under test and one block of C:
 *
 *	CASE(transfer, .id = "transfer", .title = "..", .axes = (const char *const[]){"device", NULL},
 *	     .needs = NEEDS_GUEST, .plan = transfer_plan)
 *	{
 *		CHECK(t, .., "what was wrong");
 *	}
 */
#ifndef RUN_CASE_H
#define RUN_CASE_H

#include <stdbool.h>
#include <stddef.h>

#define AXES_MAX 10

struct buf;
struct caps;
struct plan;
struct strv;
struct target_config;
struct trial;
struct variant;

/** enum level - How binding the clause is (RFC 2119) */
enum level { LEVEL_MUST, LEVEL_SHOULD };

const char *level_name(enum level level);

/** enum needs - What a case cannot do without; a missing need is SKIP with its reason */
enum needs {
	NEEDS_QEMU = 1,	 /* a QEMU process */
	NEEDS_GUEST = 2, /* our Linux guest: image, an accelerator, user networking */
};

/**
 * struct rows - A case's table, whose rows are its trials: the values of its axis "row"
 * @at:		its first row; @name: the name of that, a value of the axis
 * @size:	of a row, in bytes; @n: how many there are
 */
struct rows {
	const void *at;
	const char *const *name;
	size_t size, n;
};

/** ROWS - A static array of structs with a @name each, for check_case.rows */
#define ROWS(table)                                                                                \
	{                                                                                          \
		(table), &(table)->name, sizeof(*(table)), sizeof(table) / sizeof(*(table))        \
	}

/**
 * struct check_case - One claim
 * @id:		"area.what-is-true" or "area"; never renamed
 * @title:	the claim, a sentence
 * @clause:	what promises it: document, version, section
 * @level:	MUST or SHOULD
 * @needs:	enum needs, or-ed
 * @axes:	names of its axes in the order of the trial id; NULL-terminated; NULL: none
 * @rows:	of a case with the axis "row": its table
 * @possible:	false for a combination of axis values that cannot exist; NULL: all can
 * @lacks:	why this build cannot run this variant (static text), or NULL; NULL: nothing more
 * @plan:	describe the devices and backends of a variant; NULL: none
 * @wire:	of a wire case, instead of @plan: its topology (see wire.h)
 * @script: of a case that is a script (see cross.h); @uart: of one that is a script for a UART
 * @chardevs: append texts as behind -chardev of what only the body makes, for list --features;
 *		NULL: nothing
 * @run:	the body
 * @repro:	append shell lines that do by hand what the body does (see repro.h); NULL: nothing
 * @timeout_s:	limit for the whole trial, seconds; 0: the default
 * @lasts:	it goes on as long as --time says (trial_goes_on()), beyond that limit
 */
struct check_case {
	const char *id, *title, *clause;
	enum level level;
	unsigned needs;
	const char *const *axes;
	struct rows rows;
	bool (*possible)(const struct variant *v);
	const char *(*lacks)(const struct variant *v, const struct caps *caps);
	void (*plan)(const struct variant *v, struct plan *plan);
	void (*wire)(const struct variant *v, struct target_config *config);
	const char *script, *uart;
	void (*chardevs)(const struct variant *v, struct strv *texts);
	void (*run)(struct trial *t);
	void (*repro)(const struct variant *v, struct buf *script);
	int timeout_s;
	bool lasts;
};

/**
 * struct variant - A case with its axes filled in
 * @value:	one for each of the case's axes; NULL: the axis does not apply here
 */
struct variant {
	const struct check_case *c;
	const char *value[AXES_MAX];
};

/** variant_get() - The value of axis @axis; NULL: no such axis, or it does not apply */
const char *variant_get(const struct variant *v, const char *axis);
bool variant_is(const struct variant *v, const char *axis, const char *value);
/** variant_row() - The row of its case's table that it is about */
const void *variant_row(const struct variant *v);

#define CASE(name, ...)                                                                            \
	static void name(struct trial *t);                                                         \
	static const struct check_case name##_case = {.run = name, __VA_ARGS__};                   \
	__attribute__((used, section("cases"))) static const struct check_case *const name##_ref = \
		&name##_case;                                                                      \
	static void name(struct trial *t)

/** cases_all() - The registered cases, sorted by id; *n is their number. Two cases with one id, or
 * one without a title, are a breakage */
const struct check_case *const *cases_all(size_t *n);

#define ROW_AXIS "row"

/** struct axis - A dimension of the matrix: all values it can have, anywhere. The values of the
 * axis "row" are those of each case: its @rows */
struct axis {
	const char *name;
	const char *const *values;		  /* NULL-terminated, in the order of reports */
	bool (*applies)(const struct variant *v); /* given the axes before it; NULL: always */
};

/** axis_find() - By name; NULL: there is none */
const struct axis *axis_find(const char *name);
/** axis_nth() - Value @i that the axis can have in case @c; NULL behind the last */
const char *axis_nth(const struct axis *a, const struct check_case *c, size_t i);
/** axis_value() - The axis's own copy of @value; NULL: it has no such value */
const char *axis_value(const struct axis *a, const char *value);

#endif
