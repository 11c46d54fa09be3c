// SPDX-License-Identifier: GPL-2.0-or-later
/* logfile.c - logfile= and logappend=: what the guest sent, beside the backend that carries it */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/backend/backend.h"

#define LOG	  "c0.log"
#define OLD	  "what an earlier run left here\n"
#define AWAY	  "said to nobody\n"
#define THERE	  "said to the host\n"
#define FINISH_MS 8000
#define READ_MS	  5000
/* More than a unix socket or a FIFO of Linux's default size holds. */
#define SLOW_BYTES (1 << 20)

/* What the guest says while no host is there is in the log if the backend was given it:
 * qemu_chr_write_buffer() in chardev/char.c logs what chr_write() took, and a socket without a peer
 * takes everything (char-socket.c tcp_chr_write()). The backend of a virtserialport gets nothing
 * then: hw/char/virtio-serial-bus.c handle_output(), and Linux holds the writer. */
static bool logs_early(const struct trial *t)
{
	return !trial_is(t, "device", "virtserialport");
}

static void log_plan(const struct variant *v, struct plan *plan)
{
	bool append = variant_is(v, "log", "append");
	struct plan_chr *c = &plan->chrs[0];

	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	c->options = append ? "logfile=" LOG ",logappend=on" : "logfile=" LOG;
	c->members = append ? "\"logfile\": \"" LOG "\", \"logappend\": true"
			    : "\"logfile\": \"" LOG "\"";
	c->early = variant_is(v, "device", "isa-debugcon");
	backend_add_device(v, plan, "c0");
}

static void leave_old_log(struct trial *t)
{
	FILE *f = fopen(LOG, "w");
	bool ok = f && fputs(OLD, f) >= 0;

	ok = f && fclose(f) == 0 && ok;
	CHECK(t, ok, "no file can be made in the trial's folder");
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
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "log", NULL}, .plan = log_plan)
{
	const char *node = backend_node(&t->spec->variant);
	const char *old = trial_is(t, "log", "append") ? OLD : "";
	struct traffic x, *const all[] = {&x};
	struct chr *chr;

	leave_old_log(t);
	chr = rig_chr(trial_rig(t), "c0");
	backend_await_node(t);
	if (!node) {
		char *want = xasprintf("%s%s", old, THERE);

		traffic_open_host(&(struct traffic){.t = t, .chr = chr});
		say(t, THERE);
		hear(t, chr, THERE);
		check_text_log(t, want);
		free(want);
		return;
	}
	traffic_init(&x, t, chr, node, TRAFFIC_BOTH, backend_bytes(&t->spec->variant), 0);
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
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .plan = log_plan)
{
	const char *node = backend_node(&t->spec->variant);
	struct traffic x, *const all[] = {&x};
	struct chr *chr = rig_chr(trial_rig(t), "c0");
	struct payload lost;
	char *before = NULL;

	backend_await_node(t);
	if (!node) {
		say(t, AWAY);
		traffic_open_host(&(struct traffic){.t = t, .chr = chr});
		say(t, THERE);
		hear(t, chr, THERE);
		check_text_log(t, AWAY THERE);
		return;
	}
	payload_init(&lost, 77, backend_bytes(&t->spec->variant));
	before = xcalloc(1, lost.size);
	payload_fill(&lost, 0, before, lost.size);
	traffic_init(&x, t, chr, node, TRAFFIC_G2H, backend_bytes(&t->spec->variant), 0);
	if (logs_early(t)) {
		helper_finish(helper_start(t, "send %s --seed 77 --bytes %" PRIu64, node,
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
	check_log(t, before, logs_early(t) ? lost.size : 0, &x.g2h);
	traffic_release(&x);
	payload_release(&lost);
	free(before);
}

static void slow_plan(const struct variant *v, struct plan *plan)
{
	enum chr_kind kind = CHR_UNIX;

	chr_kind_parse(variant_get(v, "backend"), &kind);
	plan_add_chr(plan, "c0", kind, CHR_QEMU_LISTENS);
	plan->chrs[0].members = "\"logfile\": \"" LOG "\"";
	plan->chrs[0].options = "logfile=" LOG;
	backend_add_device(v, plan, "c0");
}

/* A FIFO that nobody reads yet holds socat up, and socat QEMU. */
static void slow_repro(const struct variant *v, struct buf *b)
{
	buf_addf(b,
		 "mkfifo late; connect c0 </dev/null >late & exec 8<>late\n"
		 "guest 'chardev-helper send %s --await-host --seed 12 --bytes %d </dev/null' &\n"
		 "sleep 3 # it has given all that it can\n"
		 "timeout 3 cat <late >received || true\n"
		 "cksum received " LOG "\n",
		 backend_node(v), SLOW_BYTES);
}

CASE(logfile_slow_host, .id = "logfile.slow-host",
     .title = "bytes that wait for a host that reads late are in the log once",
     .clause = "qemu/chardev/char.c qemu_chr_write_buffer(): only log what was actually written",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", NULL}, .plan = slow_plan,
     .repro = slow_repro)
{
	struct chr *chr = rig_chr(trial_rig(t), "c0");
	struct traffic x, *const all[] = {&x};

	backend_await_node(t);
	traffic_init(&x, t, chr, backend_node(&t->spec->variant), TRAFFIC_G2H, SLOW_BYTES, 0);
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
