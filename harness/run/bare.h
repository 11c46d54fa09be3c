/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare.h - what a case of a backend sees that needs no guest
 *
 * DOC: such a case
 *
 * Its .plan calls bare_plan(): a machine without a guest, started in some 50 ms, whose device
 * (axis "device": isa-serial, isa-debugcon, virtserialport, virtconsole) is on chardev "c0"; and
 * says what that is: plan_add_chr(), with a host end, or bare_chardev(), any text. In its body
 * trial_bare() starts it and drives the device; bytes leave it with bare_send(), and come with
 * bare_expect(); the host's side is a struct stream. What is known only then (a descriptor, a
 * listener's port, a file) is added to t->plan before trial_bare(): t->plan.pass and .terminal hand
 * descriptors over.
 *
 * QMP is bare_qmp(); the rest of the machine is in @rig. QEMU's end is part of the verdict as
 * everywhere; a case that ends it itself says so with bare_ended().
 */
#ifndef RUN_BARE_H
#define RUN_BARE_H

#include "harness/host/program.h"
#include "harness/host/sock.h"
#include "harness/host/stream.h"
#include "harness/host/tls.h"
#include "harness/host/websocket.h"
#include "harness/run/trial.h"
#include "harness/virtio/front.h"
#include "harness/virtio/target_qtest.h"

#define BARE_MS 10000 /* the usual wait for what must come */

/**
 * struct bare - A machine without a guest
 * @target:	QEMU
 * @rig:	its process, monitor, and the host ends of the plan
 * @fronts:	its frontends in the plan's order; the first is @front
 * @did:	what is in repro.sh by now: lines of the log, and how often each host end had left
 */
struct bare {
	struct trial *t;
	struct target *target;
	struct rig *rig;
	struct front_bus bus;
	struct front fronts[PLAN_FRONTS];
	size_t n_fronts;
	struct front *front;
	struct {
		unsigned long lines;
		unsigned left[PLAN_CHRS_MAX];
	} did;
};

/** bare_plan() - The machine, and a device of the variant's axis "device" on chardev c0 */
void bare_plan(const struct variant *v, struct plan *plan);
/** bare_plan_machine() - The machine alone, for a case that adds its own */
void bare_plan_machine(struct plan *plan);
/** bare_plan_front() - One more frontend, on @chardev: isa-serial become COM1, COM2, .., virtio
 * ports 1, 2, .. of one controller; at most PLAN_FRONTS */
void bare_plan_front(struct plan *plan, const char *device, const char *chardev);
/** bare_plan_made() - One that QEMU makes by itself, for -serial or -parallel: driven, not added */
void bare_plan_made(struct plan *plan, const char *device);
/** bare_chardev() - One more -chardev, in the order of calls and behind those with a host end */
void bare_chardev(struct plan *plan, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** trial_bare() - Start it and make its frontends ready; once in a trial */
struct bare *trial_bare(struct trial *t);
/** bare_adopt() - A host end of a descriptor (a socket, a terminal, a pipe) that the case has
 * connected itself: non-blocking from
 * now on, closed with the trial, its first bytes kept as evidence */
struct chr *bare_adopt(struct bare *b, const char *id, int fd);
/** bare_open() - Open our end of a backend of the plan */
struct chr *bare_open(struct bare *b, const char *id);

/* What follows demands: whatever is not so fails the trial. */

/** bare_send() - The frontend takes all of these bytes, and lets go of them */
void bare_send(struct bare *b, struct front *f, const void *data, size_t len);
/** bare_push() - Send as much as it takes before it stalls, at most @len; how much that is */
size_t bare_push(struct bare *b, struct front *f, const void *data, size_t len);
/** bare_expect() - Exactly these bytes come out of the frontend */
void bare_expect(struct bare *b, struct front *f, const void *data, size_t len);
/** bare_has() - The same, without waiting longer than until all is settled: for what is not
 * expected on every QEMU */
void bare_has(struct bare *b, struct front *f, const void *data, size_t len);
/** bare_silent() - Nothing has come out of the frontend once all is settled */
void bare_silent(struct bare *b, struct front *f);
/** bare_host_send() - The host end takes all of these bytes */
void bare_host_send(struct bare *b, struct stream *s, const void *data, size_t len);
/** bare_host_expect() - Exactly these bytes come to the host end */
void bare_host_expect(struct bare *b, struct stream *s, const void *data, size_t len);
/** bare_host_has() - The same, without waiting longer than until all is settled */
void bare_host_has(struct bare *b, struct stream *s, const void *data, size_t len);
/** bare_host_silent() - Nothing has come there once all is settled */
void bare_host_silent(struct bare *b, struct stream *s);
/** bare_host_eof() - The other end closes ours, and nothing comes before that */
void bare_host_eof(struct bare *b, struct stream *s);
/** bare_settle() - QEMU has come to rest */
void bare_settle(struct bare *b);
/** bare_host_opened() - A virtio port: the device says that its host end is open, or not; others:
 * QEMU has come to rest */
void bare_host_opened(struct bare *b, struct front *f, bool open);
/** bare_move() - Both payloads (of size 0: nothing) pass between frontend and host end, at once:
 * whole, in order, once, and nothing behind them */
void bare_move(struct bare *b, struct front *f, struct stream *s, const struct payload *out,
	       const struct payload *in);
/** bare_exchange() - bare_move() of @out_len bytes out and @in_len bytes in */
void bare_exchange(struct bare *b, struct front *f, struct stream *s, uint64_t out_len,
		   uint64_t in_len);

/** bare_qmp() - A command that must succeed; the answer is in b->rig->vm.qmp */
void bare_qmp(struct bare *b, const char *command, const char *args_fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** bare_plug() - Plug virtserialport "port1", number 1, on @chardev, and make it ready */
void bare_plug(struct bare *b, const char *chardev);
/** bare_unplug() - device_del, and wait until the device has gone */
void bare_unplug(struct bare *b, const char *id);
/** bare_filename() - What query-chardev says of chardev @id: malloc'ed */
char *bare_filename(struct bare *b, const char *id);
/** bare_port() - The port of 127.0.0.1 that it has there first; -1: none */
int bare_port(struct bare *b, const char *id);
/** bare_await_filename() - Wait until that contains @text (or, with @without, does no more) */
void bare_await_filename(struct bare *b, const char *id, const char *text, bool without);
/** bare_memory() - QEMU's own memory, KiB (RssAnon); bare_descriptors() - how many it has open */
unsigned long bare_memory(struct bare *b);
unsigned bare_descriptors(struct bare *b);
/** bare_ended() - QEMU ends now, by itself or because the case told it to, with this wait status */
void bare_ended(struct bare *b, int status);

/*
 * What the pieces above do to QEMU and to its hosts becomes a line of repro.sh, in its order (see
 * repro.h). A case that does something by itself says so.
 */

/** bare_did() - One line, behind those of what came before it */
void bare_did(struct bare *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** bare_did_qmp() - A QMP command; @args: a JSON object, or NULL. bare_did_hmp() - one of HMP */
void bare_did_qmp(struct bare *b, const char *command, const char *args);
void bare_did_hmp(struct bare *b, const char *line);
/** bare_did_adopt() - A host end that the case has connected itself */
void bare_did_adopt(struct bare *b, const struct chr *c);
/** bare_did_say() - A host sends bytes; bare_did_want() - bytes that are wanted, and where */
void bare_did_say(struct bare *b, const struct stream *s, const void *data, size_t len);
void bare_did_want(struct bare *b, const char *where, const void *data, size_t len);

#endif
