// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/unit.h"
#include "harness/wire/script.h"

static struct wire_script parse(const char *text)
{
	struct wire_script s = {NULL, 0};
	struct buf why = BUF_INIT;

	ck_assert_msg(wire_script_parse(&s, text, &why), "%s", why.data);
	buf_release(&why);
	return s;
}

static void refuses(const char *text, const char *reason)
{
	struct wire_script s = parse("start");
	struct buf why = BUF_INIT;

	ck_assert_msg(!wire_script_parse(&s, text, &why), "%s was taken", text);
	ck_assert_msg(strstr(why.data, reason), "%s: %s", text, why.data);
	ck_assert_ptr_null(strchr(why.data, '\n'));
	ck_assert_uint_eq(s.n, 1);
	buf_release(&why);
	wire_script_release(&s);
}

START_TEST(steps_are_read)
{
	struct wire_script s = parse("# nothing\n start ring=8 pin ;ctl -1 READY 0x10 # yes\n\n"
				     "post rx12 3 4096; kick ctx;send 1 5 split=2+3 no-kick");

	ck_assert_uint_eq(s.n, 5);
	ck_assert_str_eq(s.steps[0].text, "ring=8 pin");
	ck_assert_uint_eq(s.steps[1].verb, WIRE_CTL);
	ck_assert_uint_eq(s.steps[1].n[0], UINT32_MAX);
	ck_assert_uint_eq(s.steps[1].n[1], 0);
	ck_assert_uint_eq(s.steps[1].n[2], 16);
	ck_assert_uint_eq(s.steps[2].n[0], 26);
	ck_assert_uint_eq(s.steps[3].n[0], 3);
	ck_assert_str_eq(s.steps[4].text, "split=2+3 no-kick");
	wire_script_release(&s);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	refuses("stop; dance 1", "no step is called 'dance'");
	refuses("ctl 1 READY", "a word is missing");
	refuses("ctl 1 HELLO 1", "HELLO");
	refuses("kick rx", "(rx)");
	refuses("kick tx512", "(tx512)");
	refuses("kick cry", "(cry)");
	refuses("hsend 1 -2", "(-2)");
	refuses("hsend 1 12x", "(12x)");
	refuses("hsend 1 0x100000000", "(0x100000000)");
	refuses("cplug 1", "a word too many: 1");
	refuses("window 4", "a word is missing");
	refuses("qaddr", "a word is missing");
	refuses("stop now", "a word too many: now");
	refuses("start 0123456789012345678901234567890123456789012345678901234567890123456789"
		"012345678901234567890123456789",
		"too long");
}
END_TEST

/* What is printed is read as the same script, byte by byte. */
START_TEST(text_goes_round)
{
	static const char text[] =
		"start no-event-idx; ctl -1 READY 1; ctl 7 9 65535; post crx 1 4; "
		"chain tx1 r4:64 w8@0x1000; hsend 0 0x12345; plug 2 serial a.b; "
		"kick rx511; featset 1 0x80000000; stop";
	struct wire_script s = parse(text), again;
	struct buf b = BUF_INIT, c = BUF_INIT;

	wire_script_text(&s, "; ", &b);
	ck_assert_str_eq(b.data, text);
	buf_clear(&b);
	wire_script_text(&s, "\n", &b);
	again = parse(b.data);
	ck_assert_uint_eq(again.n, s.n);
	ck_assert_mem_eq(again.steps, s.steps, s.n * sizeof(*s.steps));
	wire_script_c(&s, &c);
	ck_assert_int_eq(strncmp(c.data, "\t\"start no-event-idx\\n\"\n", 24), 0);
	wire_script_release(&s);
	wire_script_release(&again);
	buf_release(&b);
	buf_release(&c);
}
END_TEST

START_TEST(garbage_never_crashes)
{
	unsigned seed = 12345;

	for (int i = 0; i < 20000; i++) {
		struct wire_script s = {NULL, 0};
		struct buf why = BUF_INIT;
		char text[40];

		for (size_t k = 0; k < sizeof(text) - 1; k++) {
			seed = seed * 1103515245 + 12345;
			text[k] = "ctlhsendkickrx01 ;\n#-+=@:!xstarpu\t\xff"[(seed >> 16) % 36];
		}
		text[sizeof(text) - 1] = '\0';
		ck_assert(wire_script_parse(&s, text, &why) == (why.len == 0));
		wire_script_release(&s);
		buf_release(&why);
	}
}
END_TEST

START_TEST(help_names_every_verb)
{
	struct buf b = BUF_INIT;

	wire_script_help(&b);
	for (int i = 0; i < WIRE_VERBS; i++)
		ck_assert_ptr_nonnull(strstr(b.data, wire_op((enum wire_verb)i)->name));
	buf_release(&b);
}
END_TEST

UNIT_TESTS(wire_script, steps_are_read, nonsense_is_refused, text_goes_round, garbage_never_crashes,
	   help_names_every_verb)
