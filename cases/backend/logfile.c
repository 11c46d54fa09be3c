// SPDX-License-Identifier: GPL-2.0-or-later
/* logfile.c - logfile= and logappend=: what the guest sent, beside the backend that carries it */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/traffic.h"

#define LOG	  "c0.log"
#define PORT	  "org.chardev-check.port.0"
#define OLD	  "what an earlier run left here\n"
#define AWAY	  "said to nobody\n"
#define THERE	  "said to the host\n"
#define FINISH_MS 8000
#define READ_MS	  5000
#define BYTES	  20001
/* A UART sends each byte by itself, and a unix socket of Linux's default size holds 278 such
 * writes: with fewer, none of them can find it full. */
#define UART_BYTES 200
/* More than a unix socket, a pty or a FIFO of Linux's default size holds. */
#define SLOW_BYTES (1 << 20)

/**
 * struct where - A device with a log
 * @node:	as the guest's helper gets it; NULL: an I/O port
 * @early_logged: what the guest says while no host is there is in the log, for the backend was
 *		given it: qemu_chr_write_buffer() in chardev/char.c logs what chr_write() took, and
 *		a socket without a peer takes everything (char-socket.c tcp_chr_write()). The
 *		backend of a virtserialport gets nothing then: hw/char/virtio-serial-bus.c
 *		handle_output(), and Linux holds the writer
 */
static const struct where {
	const char *device, *node;
	bool early_logged;
} places[] = {
	{"virtserialport", "/dev/virtio-ports/" PORT, false},
	{"virtconsole", "/dev/hvc0", true},
	{"isa-serial", "/dev/ttyS1 --baud 115200", true},
	{"isa-debugcon", NULL, true},
};

static const struct where *where(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "device", places[i].device))
		i++;
	return &places[i];
}

static void log_plan(const struct variant *v, struct plan *plan)
{
	bool append = variant_is(v, "log", "append");
	struct plan_chr *c = &plan->chrs[0];

	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	c->options = append ? "logfile=" LOG ",logappend=on" : "logfile=" LOG;
	c->members = append ? "\"logfile\": \"" LOG "\", \"logappend\": true"
			    : "\"logfile\": \"" LOG "\"";
	if (variant_is(v, "device", "isa-serial")) {
		plan->uart[0] = "c0";
		plan->n_uarts = PLAN_UARTS;
	} else if (variant_is(v, "device", "isa-debugcon")) {
		c->early = true;
		strv_pushl(&plan->args, "-device", "isa-debugcon,chardev=c0", NULL);
	} else {
		strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
		strv_pushf(&plan->devices, "%s,bus=ser0.0,chardev=c0,id=port0,name=" PORT,
			   variant_get(v, "device"));
	}
}

static void leave_old_log(struct trial *t)
{
	FILE *f = fopen(LOG, "w");
	bool ok = f && fputs(OLD, f) >= 0;

	ok = f && fclose(f) == 0 && ok;
	CHECK(t, ok, "no file can be made in the trial's folder");
}

static uint64_t bytes_of(const struct trial *t)
{
	return trial_is(t, "device", "isa-serial") ? UART_BYTES : BYTES;
}

/* A hot-plugged port's node takes a moment; a console's link comes after its terminal. */
static void await_node(struct trial *t, const char *node)
{
	if (node && strncmp(node, "/dev/virtio-ports/", 18) == 0)
		helper_finish(helper_start(t, "wait-path %s --timeout-ms %d", node, FINISH_MS),
			      2 * FINISH_MS);
	else if (node && strcmp(node, "/dev/hvc0") == 0)
		helper_finish(helper_start(t,
					   "wait-path /dev/virtio-ports/" PORT " --timeout-ms %d",
					   FINISH_MS),
			      2 * FINISH_MS);
}

/* The log is exactly @before and then the payload. */
static void check_log(struct trial *t, const char *before, size_t before_len,
		      const struct payload *sent)
{
	struct buf log = BUF_INIT, why = BUF_INIT;
	struct damage damage;

	CHECK(t, buf_read_file(&log, LOG), "there is no log %s", LOG);
	CHECK(t, log.len >= before_len && memcmp(log.data, before, before_len) == 0,
	      "the log's first %zu bytes are not what was there or sent before", before_len);
	damage_init(&damage, sent);
	damage_add(&damage, log.data + before_len, log.len - before_len);
	CHECK(t, damage_report(&damage, &why), "the log, against what the guest sent: %s",
	      why.data);
	trial_note(t, "the log has the %zu bytes that it has to have", log.len);
	damage_release(&damage);
	buf_release(&log);
}

/* An I/O port has no payload helper: a text. */
static void say(struct trial *t, const char *text)
{
	helper_finish(helper_start(t, "outb 233 '%s'", text), FINISH_MS);
}

static void hear(struct trial *t, struct chr *chr, const char *text)
{
	char got[128] = "";
	size_t len = strlen(text), n = chr_read_exact(chr, got, len, deadline_in(READ_MS));

	CHECK(t, n == len && memcmp(got, text, len) == 0, "the host got \"%.*s\", want \"%s\"",
	      (int)n, got, text);
}

/* The same as check_log(), for a text; and QEMU has ended. */
static void check_text_log(struct trial *t, const char *want)
{
	struct buf log = BUF_INIT, why = BUF_INIT;

	if (!t->session->keep_guest)
		CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
	CHECK(t, buf_read_file(&log, LOG), "there is no log %s", LOG);
	CHECK(t, strcmp(log.data, want) == 0, "the log is \"%s\", want \"%s\"", log.data, want);
	buf_release(&log);
}

CASE(logfile_holds, .id = "logfile.holds",
     .title = "a chardev's log holds exactly what the guest sent, and nothing of what the host "
	      "sent; logappend= decides what becomes of an older log",
     .clause =
	     "qemu/qapi/char.json ChardevCommon; qemu/qemu-options.hx -chardev logfile, logappend",
     .seed = "qemu-serial-notes logfile", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "log", NULL}, .plan = log_plan)
{
	const struct where *w = where(&t->spec->variant);
	const char *old = trial_is(t, "log", "append") ? OLD : "";
	struct traffic x, *const all[] = {&x};
	struct chr *chr;

	leave_old_log(t);
	chr = rig_chr(trial_rig(t), "c0");
	await_node(t, w->node);
	if (!w->node) {
		char *want = xasprintf("%s%s", old, THERE);

		traffic_open_host(&(struct traffic){.t = t, .chr = chr});
		say(t, THERE);
		hear(t, chr, THERE);
		check_text_log(t, want);
		free(want);
		return;
	}
	traffic_init(&x, t, chr, w->node, TRAFFIC_BOTH, bytes_of(t), 0);
	traffic_sync(&x);
	traffic_judge(&x);
	traffic_nothing_more(all, 1);
	check_log(t, old, strlen(old), &x.g2h);
	traffic_release(&x);
}

CASE(logfile_no_host, .id = "logfile.no-host",
     .title = "what the guest says while no host is connected is in the log where the device gives "
	      "it to the backend, and only then",
     .clause = "qemu/chardev/char.c qemu_chr_write_buffer(); char-socket.c tcp_chr_write()",
     .seed = "qemu-serial-notes logfile", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", NULL}, .plan = log_plan)
{
	const struct where *w = where(&t->spec->variant);
	struct traffic x, *const all[] = {&x};
	struct chr *chr = rig_chr(trial_rig(t), "c0");
	struct payload lost;
	char before[BYTES];

	await_node(t, w->node);
	if (!w->node) {
		say(t, AWAY);
		traffic_open_host(&(struct traffic){.t = t, .chr = chr});
		say(t, THERE);
		hear(t, chr, THERE);
		check_text_log(t, AWAY THERE);
		return;
	}
	payload_init(&lost, 77, bytes_of(t));
	payload_fill(&lost, 0, before, lost.size);
	traffic_init(&x, t, chr, w->node, TRAFFIC_G2H, bytes_of(t), 0);
	if (w->early_logged) {
		helper_finish(helper_start(t, "send %s --seed 77 --bytes %" PRIu64, w->node,
					   lost.size),
			      FINISH_MS);
		check_log(t, "", 0, &lost);
		traffic_sync(&x);
	} else {
		struct payload none;

		payload_init(&none, 77, 0);
		traffic_start_helper(&x, false);
		CHECK(t, helper_await(x.helper, "blocked", NULL, FINISH_MS),
		      "a writer is not held while no host is there");
		check_log(t, "", 0, &none);
		traffic_open_host(&x);
		traffic_move(&x);
		payload_release(&none);
	}
	traffic_judge(&x);
	traffic_nothing_more(all, 1);
	check_log(t, before, w->early_logged ? lost.size : 0, &x.g2h);
	traffic_release(&x);
	payload_release(&lost);
}

static void slow_plan(const struct variant *v, struct plan *plan)
{
	enum chr_kind kind = CHR_UNIX;

	chr_kind_parse(variant_get(v, "backend"), &kind);
	plan_add_chr(plan, "c0", kind, CHR_QEMU_LISTENS);
	plan->chrs[0].members = "\"logfile\": \"" LOG "\"";
	plan->chrs[0].options = "logfile=" LOG;
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,chardev=c0,id=port0,name=" PORT);
}

/* A FIFO that nobody reads yet holds socat up, and socat QEMU. */
static void slow_repro(const struct variant *v, struct buf *b)
{
	(void)v;
	buf_addf(b,
		 "mkfifo late; connect c0 </dev/null >late & exec 8<>late\n"
		 "guest 'chardev-helper send %s --await-host --seed 12 --bytes %d </dev/null' &\n"
		 "sleep 3 # it has given all that it can\n"
		 "timeout 3 cat <late >received || true\n"
		 "cksum received " LOG "\n",
		 places[0].node, SLOW_BYTES);
}

CASE(logfile_slow_host, .id = "logfile.slow-host",
     .title = "bytes that wait for a host that reads late are in the log once",
     .clause = "qemu/chardev/char.c qemu_chr_write_buffer(): only log what was actually written",
     .seed = "qemu-serial-notes logfile", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"backend", NULL}, .plan = slow_plan, .repro = slow_repro)
{
	struct chr *chr = rig_chr(trial_rig(t), "c0");
	struct traffic x, *const all[] = {&x};

	await_node(t, places[0].node);
	traffic_init(&x, t, chr, places[0].node, TRAFFIC_G2H, SLOW_BYTES, 0);
	traffic_open_host(&x);
	traffic_start_helper(&x, false);
	/* It has given all that it can. */
	CHECK(t, helper_await(x.helper, "blocked", "cksum", FINISH_MS),
	      "the guest's writer neither ends nor is held");
	traffic_move(&x);
	traffic_judge(&x);
	traffic_nothing_more(all, 1);
	check_log(t, "", 0, &x.g2h);
	traffic_release(&x);
}
