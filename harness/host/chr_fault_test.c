// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/host/chr.h"
#include "harness/selftest/unit.h"

#define SIZE 40

START_TEST(faults_are_parsed_or_refused)
{
	static const char *const bad[] = {
		"",
		"read",
		"read:drop",
		"read:drop@1",
		"read:drop@1+",
		"read:drop@1+0",
		"read:drop@+1",
		"read:drop@1+2+3",
		"read:drop:1+2",
		"read@drop:1+2",
		"peek:drop@1+2",
		"read:eat@1+2",
		"read:drop@-1+2",
		"read:drop@1+2x",
		" read:drop@1+2",
		"read:drop@1+2 ",
		"read:drop@@1+2",
		"read:drop@1+99999999999999999999",
		"read:drop@18446744073709551615+1",
		"read:@1+2",
		"::@+",
	};
	static const char good[] = "write:swap@65536+4096";
	struct chr_fault f;

	ck_assert(chr_fault_parse(&f, good));
	ck_assert(f.kind == CHR_FAULT_SWAP && f.at == 65536 && f.len == 4096 && f.on_write);
	ck_assert(chr_fault_parse(&f, "read:drop@0+1") && f.kind == CHR_FAULT_DROP && !f.on_write);
	ck_assert(chr_fault_parse(&f, "read:repeat@0+1") && f.kind == CHR_FAULT_REPEAT);
	ck_assert(chr_fault_parse(&f, "read:flip@0+1") && f.kind == CHR_FAULT_FLIP);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		f.at = 12345;
		ck_assert_msg(!chr_fault_parse(&f, bad[i]), "taken: %s", bad[i]);
		ck_assert_uint_eq(f.at, 12345);
	}
	for (size_t cut = 0; cut < strlen("write:swap@65536+"); cut++) {
		char *part = xstrndup(good, cut);

		ck_assert_msg(!chr_fault_parse(&f, part), "taken: %s", part);
		free(part);
	}
}
END_TEST

/* What becomes of the bytes 0, 1, 2, .. */
static size_t expected(const struct chr_fault *f, unsigned char *out)
{
	size_t n = 0, at = f->at, len = f->len;

	for (size_t i = 0; i < SIZE; i++) {
		bool inside = i >= at && i < at + len;

		if (f->kind == CHR_FAULT_SWAP && i >= at && i < at + 2 * len)
			out[n++] = (unsigned char)(inside ? i + len : i - len);
		else if (inside && f->kind == CHR_FAULT_FLIP)
			out[n++] = (unsigned char)~i;
		else if (!inside || f->kind != CHR_FAULT_DROP)
			out[n++] = (unsigned char)i;
		if (i == at + len - 1 && f->kind == CHR_FAULT_REPEAT)
			for (size_t k = at; k < at + len; k++)
				out[n++] = (unsigned char)k;
	}
	return n;
}

/* QEMU's ends of a pipe backend */
static void open_pipe(struct chr *c, int *in, int *out)
{
	struct buf why = BUF_INIT;

	chr_init(c, "c0", CHR_PIPE, CHR_QEMU_LISTENS);
	*in = open("c0.in", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	*out = open("c0.out", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	ck_assert_msg(chr_open(c, deadline_in(5000), &why), "%s", why.data);
	buf_release(&why);
}

/**
 * struct faulty - A pipe backend with a fault
 * @in, @out:	QEMU's ends
 * @sent:	0, 1, 2, ..
 * @want:	what becomes of that, @n_want bytes
 * @got:	what came out, @n bytes
 */
struct faulty {
	struct chr c;
	int in, out;
	unsigned char sent[SIZE], want[3 * SIZE], got[3 * SIZE + 1];
	size_t n_want, n;
};

static void faulty_init(struct faulty *t, const struct chr_fault *f)
{
	open_pipe(&t->c, &t->in, &t->out);
	t->c.fault = *f;
	for (size_t i = 0; i < SIZE; i++)
		t->sent[i] = (unsigned char)i;
	t->n_want = expected(f, t->want);
	t->n = 0;
}

static void faulty_end(struct faulty *t)
{
	ck_assert_uint_eq(t->n, t->n_want);
	ck_assert_mem_eq(t->got, t->want, t->n);
	io_close(&t->in);
	io_close(&t->out);
	chr_release(&t->c);
}

static void check_reading(const struct chr_fault *f, size_t fed, size_t taken)
{
	struct faulty t;
	ssize_t r;

	faulty_init(&t, f);
	for (size_t at = 0; at < SIZE; at += fed) {
		size_t len = SIZE - at < fed ? SIZE - at : fed;

		ck_assert_int_eq(write(t.out, t.sent + at, len), (ssize_t)len);
		while ((r = chr_try_read(&t.c, t.got + t.n, taken)) > 0)
			t.n += (size_t)r;
		ck_assert_int_eq(r, 0);
	}
	io_close(&t.out);
	while ((r = chr_try_read(&t.c, t.got + t.n, taken)) > 0)
		t.n += (size_t)r;
	ck_assert_int_eq(r, CHR_EOF);
	ck_assert_uint_eq(t.c.received, t.n);
	faulty_end(&t);
}

static void check_writing(const struct chr_fault *f, size_t offered)
{
	struct faulty t;
	ssize_t r;

	faulty_init(&t, f);
	for (size_t at = 0; at < SIZE; at += offered) {
		size_t len = SIZE - at < offered ? SIZE - at : offered;

		ck_assert_uint_eq(chr_write_all(&t.c, t.sent + at, len, deadline_in(5000)), len);
	}
	while ((r = read(t.in, t.got + t.n, sizeof(t.got) - t.n)) > 0)
		t.n += (size_t)r;
	ck_assert_uint_eq(t.c.sent, SIZE);
	faulty_end(&t);
}

static const struct chr_fault faults[] = {
	{CHR_FAULT_DROP, 10, 5, false},		{CHR_FAULT_DROP, 0, SIZE, false},
	{CHR_FAULT_REPEAT, 10, 5, false},	{CHR_FAULT_REPEAT, 0, 1, false},
	{CHR_FAULT_REPEAT, SIZE - 3, 3, false}, {CHR_FAULT_SWAP, 10, 5, false},
	{CHR_FAULT_SWAP, 0, SIZE / 2, false},	{CHR_FAULT_SWAP, 3, 1, false},
	{CHR_FAULT_FLIP, 10, 5, false},		{CHR_FAULT_FLIP, SIZE - 1, 1, false},
};

START_TEST(faults_in_reading_are_exact_for_any_pieces)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		for (size_t fed = 1; fed <= SIZE; fed += fed < 17 ? 1 : 23)
			for (size_t taken = 1; taken <= SIZE; taken += 13)
				check_reading(&faults[i], fed, taken);
}
END_TEST

START_TEST(faults_in_writing_are_exact_for_any_pieces)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		for (size_t offered = 1; offered <= SIZE; offered++) {
			struct chr_fault f = faults[i];

			f.on_write = true;
			check_writing(&f, offered);
		}
	}
}
END_TEST

/* The block held back comes out although the other half never comes */
START_TEST(half_a_swap_is_handed_out_at_the_end)
{
	char got[16];
	struct chr c;
	int in, out;

	open_pipe(&c, &in, &out);
	c.fault = (struct chr_fault){CHR_FAULT_SWAP, 2, 4, false};
	ck_assert_int_eq(write(out, "abcdefg", 7), 7);
	io_close(&out);
	ck_assert_uint_eq(chr_read_exact(&c, got, sizeof(got), deadline_in(5000)), 7);
	ck_assert_mem_eq(got, "abgcdef", 7);
	io_close(&in);
	chr_release(&c);
}
END_TEST

/* The fault's block does not fit at once: not a byte is lost or doubled by that */
START_TEST(a_slow_reader_changes_nothing)
{
	const size_t len = 300000;
	unsigned char *sent = xmalloc(len), *got = xmalloc(2 * len);
	size_t n = 0, done = 0;
	struct chr c;
	int in, out;

	open_pipe(&c, &in, &out);
	c.fault = (struct chr_fault){CHR_FAULT_REPEAT, 1000, 200000, true};
	for (size_t i = 0; i < len; i++)
		sent[i] = (unsigned char)(i * 7 + i / 251);
	while (done < len) {
		ssize_t w = chr_try_write(&c, sent + done, len - done);
		ssize_t r;

		ck_assert_int_ge(w, 0);
		done += (size_t)w;
		r = read(in, got + n, 12345);
		n += r > 0 ? (size_t)r : 0;
	}
	for (ssize_t r; (r = read(in, got + n, 65536)) > 0;)
		n += (size_t)r;
	ck_assert_uint_eq(n, 500000);
	ck_assert_mem_eq(got, sent, 201000);
	ck_assert_mem_eq(got + 201000, sent + 1000, 299000);
	free(sent);
	free(got);
	io_close(&in);
	io_close(&out);
	chr_release(&c);
}
END_TEST

UNIT_TESTS(chr_fault, faults_are_parsed_or_refused, faults_in_reading_are_exact_for_any_pieces,
	   faults_in_writing_are_exact_for_any_pieces, half_a_swap_is_handed_out_at_the_end,
	   a_slow_reader_changes_nothing)
