// SPDX-License-Identifier: GPL-2.0-or-later
/* plain.c - backends that are all QEMU's own: testdev, vc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

#define STATUS 21 /* testdev ends QEMU with 2n + 1 */

static void testdev_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "testdev,id=c0");
}

CASE(testdev_exits, .id = "testdev.exits",
     .title = "the device behind a testdev ends QEMU with an exit status of its own, and with "
	      "nothing else than that word",
     .clause = "qemu/chardev/testdev.c testdev_eat_packet()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = testdev_plan)
{
	static const char other[] = "  x 3y 0 Q 12345678901234567890123456 z";
	struct bare *b = trial_bare(t);

	bare_settle(b);
	CHECK(t, front_host_open(b->front), "a port behind a testdev is closed");
	bare_send(b, b->front, other, strlen(other));
	bare_silent(b, b->front);
	bare_send(b, b->front, " 2", 2);
	bare_silent(b, b->front);
	b->target->on_end = NULL; /* it ends now */
	front_send(b->front, "1 q", 3);
	front_pending(b->front);
	bare_ended(b, (2 * STATUS + 1) << 8);
}

/* ---- vc: what it shows is in a screendump */

#define CELL_X 8 /* qemu/ui/console.c FONT_WIDTH, FONT_HEIGHT */
#define CELL_Y 16

static const struct screen {
	const char *name, *options;
	unsigned width, height;
} screens[] = {
	{"default", "", 640, 384}, /* 80 by 24 */
	{"pixels", ",width=320,height=160", 320, 160},
	{"cells", ",cols=20,rows=5", 160, 80},
	{"odd", ",width=340,height=70", 340, 70},
	{"one", ",cols=1,rows=1", 8, 16},
};

static const struct screen *screen_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "screen", screens[i].name))
		i++;
	return &screens[i];
}

static void vc_plan(const struct variant *v, struct plan *plan)
{
	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	bare_chardev(plan, "vc,id=c0%s", screen_of(v)->options);
}

/**
 * struct picture - A screendump
 * @pixels:	three bytes each, in @file
 */
struct picture {
	struct buf file;
	unsigned width, height;
	const unsigned char *pixels;
};

/* netpbm's ppm(5): "P6", width, height, 255, one blank, pixels */
static void look(struct bare *b, struct picture *image)
{
	int at = 0;

	bare_qmp(b, "screendump", "{\"filename\": \"screen.ppm\"}");
	buf_init(&image->file);
	CHECK(b->t, buf_read_file(&image->file, "screen.ppm"), "there is no screendump");
	CHECK(b->t,
	      sscanf(image->file.data, "P6 %u %u 255%n", &image->width, &image->height, &at) == 2 &&
		      at && image->file.len == (size_t)at + 1 + 3ul * image->width * image->height,
	      "the screendump is no PPM of the size that it tells");
	image->pixels = (const unsigned char *)image->file.data + at + 1;
}

static bool lit(const struct picture *image, unsigned x, unsigned y)
{
	const unsigned char *p = image->pixels + 3ul * (y * image->width + x);

	return p[0] || p[1] || p[2];
}

static unsigned lit_in(const struct picture *image, unsigned column, unsigned row)
{
	unsigned n = 0;

	for (unsigned y = row * CELL_Y; y < (row + 1) * CELL_Y; y++)
		for (unsigned x = column * CELL_X; x < (column + 1) * CELL_X; x++)
			n += lit(image, x, y);
	return n;
}

CASE(vc_shows, .id = "vc.shows",
     .title = "a virtual console is as large as its options say, and shows what the device sends "
	      "where it belongs",
     .clause = "qemu/qemu-options.hx -chardev vc width, height, cols, rows", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"screen", NULL}, .plan = vc_plan)
{
	/* Clear; two signs, the same ones in the last line, then the cursor home. */
	static const char clear[] = "\x1b[2J\x1b[H", home[] = "\x1b[H";
	const struct screen *s = screen_of(&t->spec->variant);
	unsigned columns = s->width / CELL_X, rows = s->height / CELL_Y;
	struct bare *b = trial_bare(t);
	struct picture image;
	char text[64];

	look(b, &image);
	CHECK(t, image.width == s->width && image.height == s->height,
	      "the console is %u by %u, want %u by %u", image.width, image.height, s->width,
	      s->height);
	buf_release(&image.file);
	snprintf(text, sizeof(text), "%sI#\x1b[%uH#%s", clear, rows, home);
	if (columns > 1)
		bare_send(b, b->front, text, strlen(text));
	else
		bare_send(b, b->front, "\x1b[2J\x1b[H#", 8);
	look(b, &image);
	for (unsigned row = 0; row < rows; row++)
		for (unsigned column = columns > 1; column < columns; column++) {
			bool sign = columns == 1 || (row == 0 && column == 1);
			unsigned n = lit_in(&image, column, row);

			CHECK(t, sign ? n > 8 && n < CELL_X * CELL_Y : !n,
			      "%u pixels are lit in column %u of row %u", n, column, row);
		}
	CHECK(t, columns == 1 || rows == 1 || lit_in(&image, 0, rows - 1) == lit_in(&image, 1, 0),
	      "the sign in the last row is not the one in the first");
	bare_silent(b, b->front);
	buf_release(&image.file);
}
