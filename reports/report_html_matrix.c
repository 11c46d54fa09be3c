// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report_html_matrix.c - a case's trials as a table: the last axes that vary across, the others
 * down
 */
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/report_html.h"

#define AXES_MAX    16
#define COLUMNS_MAX 12
#define LEVELS_MAX  3

/**
 * struct axis - One axis of a case
 * @values:	all that occur, sorted; "" where a trial does not have the axis
 */
struct axis {
	char *name;
	struct strv values;
};

/**
 * struct cell - One trial and its place
 * @record:	index in the run
 * @value:	for each axis the index of the value
 * @row, @col:	where it goes
 */
struct cell {
	size_t record;
	size_t value[AXES_MAX];
	size_t row, col;
};

/**
 * struct grid - A case laid out
 * @down, @across: the axes (indexes) that make the rows and the columns, outermost first
 */
struct grid {
	const struct run *run;
	struct axis axes[AXES_MAX];
	size_t n_axes;
	size_t down[AXES_MAX], n_down;
	size_t across[LEVELS_MAX], n_across;
	struct cell *cells;
	size_t n;
	size_t n_cols;
};

/* The axis called @name, made if need be; NULL when there is no room for one more. */
static struct axis *grid_axis(struct grid *g, const char *name, size_t len)
{
	for (size_t i = 0; i < g->n_axes; i++)
		if (strncmp(g->axes[i].name, name, len) == 0 && !g->axes[i].name[len])
			return &g->axes[i];
	if (g->n_axes == AXES_MAX)
		return NULL;
	g->axes[g->n_axes].name = xstrndup(name, len);
	return &g->axes[g->n_axes++];
}

/* Call @fn for each name=value of a record. */
static void each_axis(struct grid *g, const struct record *r,
		      void (*fn)(struct grid *g, struct axis *axis, const char *value, void *arg),
		      void *arg)
{
	for (const char *word = r->axes ? r->axes : ""; *(word += strspn(word, " \t\n"));) {
		size_t len = strcspn(word, " \t\n"), name = strcspn(word, "= \t\n");
		struct axis *axis = grid_axis(g, word, name);

		if (axis) {
			size_t from = name < len ? name + 1 : len;
			char *value = xstrndup(word + from, len - from);

			fn(g, axis, value, arg);
			free(value);
		}
		word += len;
	}
}

static void note_value(struct grid *g, struct axis *axis, const char *value, void *arg)
{
	size_t *seen = arg;

	seen[axis - g->axes]++;
	if (!strv_has(&axis->values, value))
		strv_push(&axis->values, value);
}

static void place_value(struct grid *g, struct axis *axis, const char *value, void *arg)
{
	struct cell *cell = arg;

	for (size_t i = 0; i < axis->values.n; i++)
		if (strcmp(axis->values.v[i], value) == 0)
			cell->value[axis - g->axes] = i;
}

static int value_compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b); /* 4095 before 65536 */
}

static void grid_read(struct grid *g, size_t from, size_t to)
{
	size_t seen[AXES_MAX] = {0};

	g->n = to - from;
	g->cells = xcalloc(g->n, sizeof(*g->cells));
	for (size_t i = from; i < to; i++)
		each_axis(g, &g->run->records[i], note_value, seen);
	for (size_t i = 0; i < g->n_axes; i++) {
		struct strv *values = &g->axes[i].values;

		if (seen[i] < g->n && !strv_has(values, ""))
			strv_push(values, "");
		qsort(values->v, values->n, sizeof(*values->v), value_compare);
	}
	for (size_t i = 0; i < g->n; i++) {
		/* "" sorts first: an axis that the trial does not have is at 0 already. */
		g->cells[i].record = from + i;
		each_axis(g, &g->run->records[from + i], place_value, &g->cells[i]);
	}
}

/* The last axes that vary go across while they fit, and one goes down if there are two. */
static void grid_choose(struct grid *g)
{
	size_t varying[AXES_MAX], n = 0, columns = 1, first;

	for (size_t i = 0; i < g->n_axes; i++)
		if (g->axes[i].values.n > 1)
			varying[n++] = i;
	for (first = n; first > (n > 1) && n - first < LEVELS_MAX; first--) {
		columns *= g->axes[varying[first - 1]].values.n;
		if (columns > COLUMNS_MAX)
			break;
	}
	for (size_t i = 0; i < first; i++)
		g->down[g->n_down++] = varying[i];
	for (size_t i = first; i < n; i++)
		g->across[g->n_across++] = varying[i];
}

/**
 * struct order - How cells are compared
 * @keys:	by the values of these axes; without any all are equal
 */
struct order {
	const size_t *keys;
	size_t n;
};

static int order_compare(const void *a, const void *b, void *arg)
{
	const struct cell *x = a, *y = b;
	const struct order *order = arg;

	for (size_t i = 0; i < order->n; i++) {
		size_t left = x->value[order->keys[i]], right = y->value[order->keys[i]];

		if (left != right)
			return left < right ? -1 : 1;
	}
	return 0;
}

static int place_compare(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->col != y->col)
		return x->col < y->col ? -1 : 1;
	return x->record < y->record ? -1 : x->record > y->record;
}

/* Number the combinations of the axes @keys that occur; returns how many there are. */
static size_t grid_number(struct grid *g, const size_t *keys, size_t n, size_t offset)
{
	struct order order = {keys, n};
	size_t number = 0;

	qsort_r(g->cells, g->n, sizeof(*g->cells), order_compare, &order);
	for (size_t i = 0; i < g->n; i++) {
		if (i && order_compare(&g->cells[i - 1], &g->cells[i], &order) != 0)
			number++;
		*(size_t *)((char *)&g->cells[i] + offset) = number;
	}
	return number + 1;
}

static void grid_release(struct grid *g)
{
	for (size_t i = 0; i < g->n_axes; i++) {
		free(g->axes[i].name);
		strv_release(&g->axes[i].values);
	}
	free(g->cells);
}

/* A cell that stands in column @col, to read the column's values from. */
static const struct cell *grid_column(const struct grid *g, size_t col)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->cells[i].col == col)
			return &g->cells[i];
	return &g->cells[0]; /* not reached: every column has a cell */
}

static void add_value(struct buf *b, const struct axis *axis, size_t value)
{
	const char *text = axis->values.v[value];

	if (*text)
		escape_text(b, text);
	else
		buf_addstr(b, "&ndash;");
}

/* The outermost of several axes across changes here: a gap sets the column off. */
static bool starts_group(const struct grid *g, size_t col)
{
	struct order outermost = {g->across, 1};

	return col && g->n_across > 1 &&
	       order_compare(grid_column(g, col - 1), grid_column(g, col), &outermost) != 0;
}

/* One line of column heads: neighbours whose values agree down to this level share one. */
static void head_values(struct buf *b, const struct grid *g, size_t level)
{
	struct order order = {g->across, level + 1};

	for (size_t col = 0; col < g->n_cols;) {
		const struct cell *cell = grid_column(g, col);
		size_t end = col + 1;

		while (end < g->n_cols && order_compare(cell, grid_column(g, end), &order) == 0)
			end++;
		buf_addf(b, "<th scope=col%s", starts_group(g, col) ? " class=b" : "");
		if (end > col + 1)
			buf_addf(b, " colspan=%zu", end - col);
		buf_addstr(b, ">");
		add_value(b, &g->axes[g->across[level]], cell->value[g->across[level]]);
		col = end;
	}
}

static void grid_head(struct buf *b, const struct grid *g)
{
	size_t levels = g->n_across ? g->n_across : 1;

	buf_addstr(b, "<thead>");
	for (size_t level = 0; level < levels; level++) {
		bool last = level + 1 == levels;

		buf_addstr(b, "<tr>");
		if (!last)
			buf_addf(b, "<td class=k colspan=%zu>", g->n_down ? g->n_down : 1);
		for (size_t i = 0; last && i < g->n_down; i++) {
			buf_addstr(b, "<th scope=col class=k>");
			escape_text(b, g->axes[g->down[i]].name);
			buf_addstr(b, " ");
		}
		if (last && !g->n_down)
			buf_addstr(b, "<td class=k>");
		if (g->n_across) {
			buf_addstr(b, "<i>");
			escape_text(b, g->axes[g->across[level]].name);
			buf_addstr(b, " &rarr;</i>");
			head_values(b, g, level);
		} else {
			buf_addstr(b, "<th scope=col>verdict");
		}
		buf_addstr(b, "</tr>");
	}
	buf_addstr(b, "</thead>\n");
}

static void add_link(struct buf *b, const struct run *run, size_t i)
{
	const struct record *r = &run->records[i];

	buf_addf(b, "<a class=\"t %s\" href=\"#", verdict_name(r->verdict));
	html_target(b, run, i);
	buf_addstr(b, "\"");
	html_hint(b, r);
	buf_addf(b, ">%s <small>", verdict_name(r->verdict));
	html_seconds(b, r->seconds);
	buf_addstr(b, "</small></a>");
}

/* @at: the first cell of the row, moved behind it. */
static void grid_row(struct buf *b, const struct grid *g, size_t *at)
{
	const struct cell *cell = &g->cells[*at], *above = *at ? cell - 1 : NULL;
	size_t row = cell->row;
	bool same = above != NULL;

	buf_addstr(b, "<tr>");
	for (size_t i = 0; i < g->n_down; i++) {
		size_t axis = g->down[i];

		same = same && above->value[axis] == cell->value[axis];
		buf_addf(b, "<th scope=row%s>", same ? " class=r" : "");
		add_value(b, &g->axes[axis], cell->value[axis]);
	}
	if (!g->n_down)
		buf_addstr(b, "<td class=k>");
	for (size_t col = 0; col < g->n_cols; col++) {
		bool here = *at < g->n && g->cells[*at].row == row && g->cells[*at].col == col;

		buf_addf(b, "<td class=\"%s%s\"%s>", here ? "" : "n ",
			 starts_group(g, col) ? "b" : "", here ? "" : " title=\"no such trial\"");
		for (; *at < g->n && g->cells[*at].row == row && g->cells[*at].col == col; (*at)++)
			add_link(b, g->run, g->cells[*at].record);
	}
	buf_addstr(b, "</tr>\n");
}

static void case_head(struct buf *b, const struct grid *g, size_t from)
{
	const struct record *r = &g->run->records[from];
	bool any = false;

	buf_addstr(b, "<h3><code>");
	html_case_name(b, r);
	buf_addstr(b, "</code> <span>");
	escape_text(b, r->title);
	buf_addstr(b, "</span> <small>");
	escape_text(b, r->clause);
	if (r->level && *r->level) {
		buf_addstr(b, " ");
		escape_text(b, r->level);
	}
	for (size_t i = 0; i < g->n_axes; i++) {
		if (g->axes[i].values.n != 1)
			continue;
		buf_addstr(b, any ? " " : " &middot; <i>always</i> ");
		any = true;
		escape_text(b, g->axes[i].name);
		buf_addstr(b, "=");
		add_value(b, &g->axes[i], 0);
	}
	buf_addstr(b, "</small></h3>\n");
}

static void matrix_case(struct buf *b, const struct run *run, size_t from, size_t to)
{
	struct grid g = {.run = run};

	grid_read(&g, from, to);
	grid_choose(&g);
	grid_number(&g, g.down, g.n_down, offsetof(struct cell, row));
	g.n_cols = grid_number(&g, g.across, g.n_across, offsetof(struct cell, col));
	qsort(g.cells, g.n, sizeof(*g.cells), place_compare);
	buf_addf(b, "<section class=\"c%s\">", g.n == 1 ? " one" : "");
	case_head(b, &g, from);
	if (g.n == 1) {
		add_link(b, run, from);
	} else {
		size_t at = 0;

		buf_addstr(b, "<div class=w><table class=m>");
		grid_head(b, &g);
		buf_addstr(b, "<tbody>\n");
		while (at < g.n)
			grid_row(b, &g, &at);
		buf_addstr(b, "</tbody></table></div>");
	}
	buf_addstr(b, "</section>\n");
	grid_release(&g);
}

void html_matrix(struct buf *b, const struct run *run)
{
	buf_addstr(b, "<section><h2 id=matrix>Matrix: case &times; variant</h2>\n");
	for (size_t from = 0; from < run->n;) {
		size_t to = html_case_end(run, from);

		matrix_case(b, run, from, to);
		from = to;
	}
	buf_addstr(b, "</section>\n");
}
