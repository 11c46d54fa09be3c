// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_uart.c - QEMU's UARTs and the reference 16550A side by side, as a trial */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/cross.h"
#include "harness/run/sides.h"
#include "harness/wire/target_uart.h"

#define REDUCE_RUNS 40

const char *const uart_axes[] = {"device", "port", NULL};

static unsigned port_of(const struct variant *v)
{
	const char *port = variant_get(v, "port");

	return port ? (unsigned)(*port - '1') : 0;
}

static unsigned ports_of(const struct variant *v)
{
	return variant_is(v, "device", "pci-serial-2x")	  ? 2
	       : variant_is(v, "device", "pci-serial-4x") ? 4
							  : 1;
}

bool uart_possible(const struct variant *v)
{
	const char *device = variant_get(v, "device");

	return port_of(v) < ports_of(v) &&
	       (strcmp(device, "isa-serial") == 0 || strncmp(device, "pci-serial", 10) == 0);
}

const char *uart_lacks(const struct variant *v, const struct caps *caps)
{
	const char *device = variant_get(v, "device");

	return caps_has_device(caps, device) ? NULL : xasprintf("this QEMU has no %s", device);
}

void uart_topology(const struct variant *v, struct target_config *config)
{
	config->uart = variant_get(v, "device");
	config->first = port_of(v);
	for (unsigned nr = 0; nr < ports_of(v); nr++)
		wire_port(config, nr, false, NULL);
}

/** struct uart_ref - The reference; @seen: the deviations that mattered in the last run */
struct uart_ref {
	const struct target_config *config;
	const char *personality;
	unsigned seen;
	struct target_uart machine;
};

static struct target *ref_fresh(void *arg, struct buf *why)
{
	struct uart_ref *s = arg;
	unsigned quirks;

	if (!uart_personality(s->personality, &quirks)) {
		buf_addf(why, "no UART is %s", s->personality);
		return NULL;
	}
	target_uart_start(&s->machine, s->config, quirks, UART_F_NONE);
	return &s->machine.base;
}

static void ref_done(void *arg, struct target *target, struct buf *end)
{
	(void)end;
	struct uart_ref *s = arg;

	s->seen = target_uart_seen(&s->machine);
	target_release(target);
}

static void note_quirks(struct trial *t, unsigned seen)
{
	for (unsigned q = 0; q < UART_QUIRK_COUNT; q++) {
		const struct uart_note *n = uart_quirk((enum uart_quirk)q);

		if (seen >> q & 1)
			trial_note(t, "deviates as known: %s %s: %s (%s)", n->id, n->name, n->text,
				   n->source);
	}
}

/* Is it a deviation less? Then this very script meets it, and the reference without it agrees. */
static const struct uart_note *gone(struct cross *c, const struct wire_script *script,
				    const struct cross_side sides[2], struct uart_ref *ref)
{
	const struct uart_note *found = NULL;
	unsigned met;

	cross_run(c, script, sides); /* the last one that was run may have been another */
	met = c->differs ? ref->seen : 0;
	for (unsigned q = 0; q < UART_QUIRK_COUNT && !found; q++) {
		const struct uart_note *n = uart_quirk((enum uart_quirk)q);
		char *without;

		if (!(met >> q & 1))
			continue;
		without = xasprintf("qemu,-%s", n->name);
		ref->personality = without;
		cross_run(c, script, sides);
		if (!c->differs && !c->broken)
			found = n;
		free(without);
	}
	ref->personality = "qemu";
	return found;
}

static void report_difference(struct trial *t, struct cross *c, struct wire_script *script,
			      const struct cross_side sides[2], struct uart_ref *ref)
{
	const struct uart_note *less;
	struct buf text = BUF_INIT;

	cross_reduce(c, script, sides, REDUCE_RUNS, NULL);
	cross_report(c, script, sides, &text);
	less = gone(c, script, sides, ref);
	if (less)
		buf_addf(&text, "a known deviation is gone: %s %s: %s\n", less->id, less->name,
			 less->text);
	CHECK(t, false, "QEMU and the reference differ at %s", text.data);
}

void trial_uart(struct trial *t)
{
	struct qemu_side qemu = {.t = t};
	struct uart_ref ref = {.config = &qemu.config, .personality = "qemu"};
	const struct cross_side sides[2] = {{"QEMU", side_qemu_anew, NULL, &qemu,
					     strchr(t->spec->id, '@') + 1},
					    {"the reference 16550A", ref_fresh, ref_done, &ref,
					     NULL}};
	struct wire_script script = {NULL, 0};
	struct buf text = BUF_INIT;
	struct cross c;

	if (!wire_script_parse(&script, t->spec->variant.c->uart, &text))
		die("%s: %s", t->spec->id, text.data);
	uart_topology(&t->spec->variant, &qemu.config);
	cross_init(&c);
	cross_run(&c, &script, sides);
	CHECK(t, !c.broken, "%s", c.why.data);
	file_write("trace.qemu", c.trace[0].data, c.trace[0].len);
	file_write("trace.reference", c.trace[1].data, c.trace[1].len);
	note_quirks(t, ref.seen);
	if (c.differs)
		report_difference(t, &c, &script, sides, &ref);
	cross_release(&c);
	buf_release(&text);
	wire_script_release(&script);
}
