// SPDX-License-Identifier: GPL-2.0-or-later
/* Two reference devices side by side. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/selftest/unit.h"
#include "harness/wire/cross.h"
#include "harness/wire/target_ref.h"

static const struct target_config config = {
	.transport = TARGET_PCI_MODERN,
	.properties = "max_ports=4",
	.ports = {{.nr = 0, .console = true}, {.nr = 1, .name = "org.test.wire"}},
	.n_ports = 2,
};

static int made;

static struct target *fresh(void *arg, struct buf *why)
{
	const char *const *how = arg;
	struct target_ref *ref = xcalloc(1, sizeof(*ref));

	made++;
	if (target_ref_start(ref, &config, how[0], how[1], why))
		return &ref->base;
	target_release(&ref->base);
	free(ref);
	return NULL;
}

static void done(void *arg, struct target *t, struct buf *end)
{
	(void)end;
	(void)arg;
	made--;
	target_release(t);
	free(t);
}

static const char *strict[] = {"strict", NULL};

#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

static void play(struct cross *c, struct wire_script *s, const char *text, const char *how[2],
		 struct cross_side sides[2])
{
	struct buf why = BUF_INIT;

	*s = (struct wire_script){NULL, 0};
	ck_assert_msg(wire_script_parse(s, text, &why), "%s", why.data);
	buf_release(&why);
	sides[0] = (struct cross_side){"wrong", fresh, done, how, NULL};
	sides[1] = (struct cross_side){"right", fresh, done, strict, NULL};
	cross_init(c);
	cross_run(c, s, sides);
}

START_TEST(the_same_is_the_same)
{
	struct cross_side sides[2];
	struct wire_script s;
	struct cross c;

	play(&c, &s,
	     UP
	     "send 1 300; hsend 1 700; stall 1; send 1 400000; unstall 1; stop; hsend 1 5; cont; "
	     "saveload 1; send 1 4; plug 2 console x; unplug 1; reset; cfg 0 4; queue tx1; start",
	     strict, sides);
	ck_assert_msg(!c.differs && !c.broken, "%s%s", c.seen[0].data, c.seen[1].data);
	ck_assert_ptr_nonnull(strstr(c.trace[0].data, "host 1 400000:"));
	ck_assert_int_eq(made, 0);
	cross_release(&c);
	wire_script_release(&s);
}
END_TEST

START_TEST(a_difference_is_found_and_made_short)
{
	const char *nul[] = {"strict,+name-nul", NULL};
	struct cross_side sides[2];
	struct buf report = BUF_INIT, text = BUF_INIT;
	struct wire_script s;
	struct cross c;

	play(&c, &s, UP "send 1 300; hsend 1 700; ctl 0 PORT 1", nul, sides);
	ck_assert(c.differs);
	ck_assert_uint_eq(c.step, 2);
	cross_reduce(&c, &s, sides, 100, NULL);
	wire_script_text(&s, "; ", &text);
	ck_assert_str_eq(text.data, "start; ctl 1 PORT 1");
	cross_report(&c, &s, sides, &report);
	ck_assert_ptr_nonnull(
		strstr(report.data, "step 1, ctl 1 PORT 1\nwrong:\n    used crx len=22"));
	ck_assert_ptr_nonnull(strstr(report.data, "right:\n    used crx len=21"));
	ck_assert_ptr_nonnull(strstr(report.data, "play 'start; ctl 1 PORT 1'"));
	ck_assert_int_eq(made, 0);
	cross_release(&c);
	wire_script_release(&s);
	buf_release(&report);
	buf_release(&text);
}
END_TEST

START_TEST(what_cannot_be_made_is_said)
{
	const char *nobody[] = {"no-such", NULL};
	struct cross_side sides[2];
	struct wire_script s;
	struct cross c;

	play(&c, &s, "start", nobody, sides);
	ck_assert(c.broken && !c.differs);
	ck_assert_ptr_nonnull(strstr(c.why.data, "no-such"));
	cross_release(&c);
	wire_script_release(&s);
}
END_TEST

/* Steps in no order, without a driver, for ports and queues that are not there. */
START_TEST(a_script_may_be_nonsense)
{
	struct cross_side sides[2];
	struct wire_script s;
	struct cross c;

	play(&c, &s,
	     "send 1 5; ctl 1 OPEN 1; kick tx9; restart; hsend 5 5; hclose 1; unplug 3; cont; unstall 60; "
	     "hopen 400; start; send 60 5; send 1 0; send 1 5 split=9; post tx400 1 1; chain tx1 x; "
	     "chain tx1; ctlraw zz; head crx 70000; jump rx1 65535; qsize ctx 0; qenable 65535; plug 1 "
	     "serial; plug 900 serial; cplug; mask 99; window 70000 3; peek rx60; qaddr tx1 desc=-1;"
	     "cunplug; cunplug; send 1 4; mask 0; master 1; hopen 1; hsend 1 4; start; cplug;"
	     " saveload 7 9; status 255; cfgset 4000 4 1; irq tx1 2 9; start",
	     strict, sides);
	ck_assert_msg(!c.differs && !c.broken, "%s%s", c.seen[0].data, c.seen[1].data);
	cross_release(&c);
	wire_script_release(&s);
}
END_TEST

START_TEST(what_only_pci_has_is_played)
{
	static const char *const wanted[] = {
		"vector 1 pending=0 then 0\n",
		"vector 1 pending=1 then 0\nirq vector 1\n",
		"window 4 = 4\n",
		"table 2048:",
		"step 12 cunplug\nstep 13",
		"step 17 send 1 4\nused tx1 len=0\n",
	};
	struct cross_side sides[2];
	struct wire_script s;
	struct cross c;

	play(&c, &s,
	     UP "mask 1; hsend 1 3; unmask 1; master 0; master 1; window 4 4; peek tx1; "
		"cunplug; cplug; start; ctl 1 OPEN 1; ctl 1 PORT 1; send 1 4",
	     strict, sides);
	ck_assert_msg(!c.differs && !c.broken, "%s%s", c.seen[0].data, c.seen[1].data);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		ck_assert_msg(strstr(c.trace[0].data, wanted[i]), "no %s in %s", wanted[i],
			      c.trace[0].data);
	cross_release(&c);
	wire_script_release(&s);
}
END_TEST

UNIT_TESTS(wire_cross, what_only_pci_has_is_played, the_same_is_the_same,
	   a_difference_is_found_and_made_short, what_cannot_be_made_is_said,
	   a_script_may_be_nonsense)
