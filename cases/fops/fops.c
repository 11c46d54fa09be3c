// SPDX-License-Identifier: GPL-2.0-or-later
/* fops.c - play a script of guest and host */
#include "cases/fops/play.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT	 "org.chardev-check.port."
#define LINK	 "/dev/virtio-ports/" PORT
#define STEP_MS	 20000
#define NODE_MS	 10000
#define OPEN_MS	 8000
#define ALIVE_MS 3000
#define STREAM	 (2ULL << 30)
#define SEED_RX	 100 /* as in guest-helpers/fops.c */
#define SEED_TX	 200

static void add_port(const struct variant *v, struct plan *plan, int i)
{
	static const char *const ids[FOPS_PORTS] = {"c0", "c1", "c2"};
	const char *device = variant_get(v, "device"), *backend = variant_get(v, "backend");
	enum chr_kind kind = CHR_UNIX;

	if (backend)
		chr_kind_parse(backend, &kind);
	plan_add_chr(plan, ids[i], kind,
		     variant_is(v, "role", "client") ? CHR_QEMU_CONNECTS : CHR_QEMU_LISTENS);
	if (device && strcmp(device, "isa-serial") == 0) {
		plan->uart[0] = ids[i];
		plan->n_uarts = PLAN_UARTS;
		return;
	}
	if (device && strcmp(device, "pci-serial") == 0) {
		/* A line behind the four of a PC (see cases/uart/pci.c). */
		plan->cold = true;
		plan->append = "8250.nr_uarts=8";
		strv_pushf(&plan->devices, "pci-serial,chardev=%s", ids[i]);
		return;
	}
	if (device && strcmp(device, "usb-serial") == 0) {
		plan->flavour = "generic";
		strv_push(&plan->devices, "qemu-xhci,id=usb0");
		strv_pushf(&plan->devices, "usb-serial,bus=usb0.0,chardev=%s,always-plugged=on",
			   ids[i]);
		return;
	}
	if (i == 0)
		strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_pushf(&plan->devices, "%s,bus=ser0.0,chardev=c%d,id=port%d,name=" PORT "%d",
		   device ? device : "virtserialport", i, i, i);
}

void fops_plan(const struct variant *v, struct plan *plan)
{
	add_port(v, plan, 0);
}

void fops_plan_three(const struct variant *v, struct plan *plan)
{
	for (int i = 0; i < FOPS_PORTS; i++)
		add_port(v, plan, i);
}

void fops_plan_no_backend(const struct variant *v, struct plan *plan)
{
	add_port(v, plan, 0);
	strv_pushf(&plan->devices, "%s,bus=ser0.0,id=port1,name=" PORT "1",
		   variant_get(v, "device"));
}

void fops_plan_no_multiport(const struct variant *v, struct plan *plan)
{
	plan->cold = variant_is(v, "plug", "cold");
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0,max_ports=1");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c0,id=port0,name=" PORT "0");
}

const char *fops_lacks(const struct variant *v, const struct caps *caps)
{
	if (variant_is(v, "device", "usb-serial") &&
	    !caps_has_property(caps, "usb-serial", "always-plugged"))
		return "this QEMU's usb-serial has no property always-plugged";
	if (variant_is(v, "device", "virtserialport") && variant_is(v, "backend", "udp") &&
	    !caps_version_at_least(caps, 11, 0, 0))
		return "before QEMU 11.0 a udp chardev never opens for a port (see backend.bytes)";
	return NULL;
}

static char *node_of(const struct variant *v, size_t i)
{
	if (variant_is(v, "device", "virtconsole"))
		return xasprintf("/dev/hvc%zu", i);
	if (variant_is(v, "device", "isa-serial"))
		return xasprintf("/dev/ttyS%zu", i + 1);
	if (variant_is(v, "device", "pci-serial"))
		return xasprintf("/dev/ttyS%zu", i + 4);
	if (variant_is(v, "device", "usb-serial"))
		return xasprintf("/dev/ttyUSB%zu", i);
	return xasprintf(LINK "%zu", i);
}

/* The helper does not come to its mark: is it alone in that, or does all of the guest hang? */
static void why_silent(struct play *p, struct buf *why)
{
	struct strv lines = {NULL, 0};
	struct vm *vm = &p->t->rig.vm;
	bool answers;

	if (!vm_alive(vm, why))
		return;
	answers = guest_run(&vm->guest, NULL, deadline_in(ALIVE_MS), "true") == 0;
	buf_addstr(why, answers ? "in the guest no end comes of"
				: "the guest hangs, it does not answer over ssh either, at");
	strv_split(&lines, p->batch.data, "\n");
	for (size_t i = 0; i + 1 < lines.n; i++) /* the last one is the mark */
		buf_addf(why, ": %s", lines.v[i]);
	strv_release(&lines);
}

/* Give the helper the lines so far, and wait until it has done them. */
static void give(struct play *p)
{
	char *mark = xasprintf("mark-%d", p->marks);
	struct buf why = BUF_INIT;
	const char *at;
	char *told;

	buf_addstr(&p->batch, "mark");
	helper_tell(p->helper, p->batch.data);
	if (!helper_await(p->helper, mark, NULL, STEP_MS)) {
		if (helper_poll(p->helper) || helper_failed(p->helper))
			helper_why(p->helper, &why);
		else
			why_silent(p, &why);
		trial_fail(p->t, __FILE__, __LINE__, "%s", why.data);
	}
	buf_clear(&p->batch);
	told = tap_diag(&p->helper->tap, mark);
	at = told;
	for (size_t i = 0; i < p->n_ends; i++) {
		int n = 0;

		CHECK(p->t,
		      at && sscanf(at, "%" SCNu64 " %" SCNu64 "%n", &p->ends[i].guest_sent,
				   &p->ends[i].guest_got, &n) == 2,
		      "the helper's mark is \"%s\"", told);
		at += n;
	}
	p->marks++;
	free(told);
	free(mark);
}

static void flush(struct play *p)
{
	fops_did_calls(p->t, p->batch.data);
	give(p);
}

/* The descriptor of the first port is a, that of the second one b. */
static void read_rest(struct play *p, char slot)
{
	size_t port = (size_t)(slot - 'a');
	uint64_t rest;

	CHECK(p->t, port < p->n_ends, "there is no port for %c", slot);
	flush(p);
	rest = p->ends[port].sent - p->ends[port].guest_got;
	buf_addf(&p->batch, "read-all %c %" PRIu64 " = %" PRIu64 "\n", slot, rest, rest);
	fops_did_rest(p->t, port);
	give(p);
}

static void lines(struct play *p, const char *script)
{
	struct strv v = {NULL, 0};

	strv_split(&v, script, "\n");
	for (size_t i = 0; i < v.n; i++) {
		if (strncmp(v.v[i], "read-rest ", 10) == 0) {
			read_rest(p, v.v[i][10]);
			continue;
		}
		if (strncmp(v.v[i], "host", 4) != 0) {
			buf_addf(&p->batch, "%s\n", v.v[i]);
			continue;
		}
		flush(p);
		play_host(p, v.v[i]);
	}
	flush(p);
	strv_release(&v);
}

static void nothing_more(struct play *p)
{
	struct buf why = BUF_INIT;
	char more[64];

	if (p->t->session->keep_guest)
		return;
	CHECK(p->t, vm_quit(&p->t->rig.vm, &why), "%s", why.data);
	for (size_t i = 0; i < p->n_ends; i++) {
		struct chr *c = p->ends[i].chr;
		ssize_t n;

		if (!chr_is_open(c))
			continue;
		chr_no_more(c);
		n = chr_read(c, more, sizeof(more), deadline_in(OPEN_MS));
		CHECK(p->t, n <= 0, "the host end of %s got %zd bytes more", c->id, n);
		CHECK(p->t, n == CHR_EOF, "the host end of %s stays open without QEMU", c->id);
	}
}

void fops_run(struct trial *t, const char *script)
{
	struct rig *rig = trial_rig(t);
	struct play p = {.t = t, .batch = BUF_INIT, .n_ends = rig->n_chrs};
	size_t nodes = p.n_ends + (t->spec->variant.c->plan == fops_plan_no_backend);
	struct buf args = BUF_INIT;

	for (size_t i = 0; i < p.n_ends; i++) {
		struct end *e = &p.ends[i];

		e->chr = &rig->chrs[i];
		payload_init(&e->to_guest, SEED_RX + i, STREAM);
		payload_init(&e->from_guest, SEED_TX + i, STREAM);
	}
	for (size_t i = 0; i < nodes; i++) {
		char *node = node_of(&t->spec->variant, i);

		helper_finish(helper_start(t, "wait-path %s --timeout-ms %d", node, NODE_MS),
			      2 * NODE_MS);
		buf_addf(&args, " %s", node);
		free(node);
	}
	rig_lap(rig, "node");
	p.helper = helper_start(t, "fops%s", args.data);
	fops_did_begin(t, args.data);
	buf_release(&args);
	lines(&p, script);
	helper_tell(p.helper, "end");
	helper_finish(p.helper, STEP_MS);
	fops_did_end(t);
	rig_lap(rig, "script");
	nothing_more(&p);
	for (size_t i = 0; i < p.n_ends; i++) {
		payload_release(&p.ends[i].from_guest);
		payload_release(&p.ends[i].to_guest);
	}
	buf_release(&p.batch);
}
