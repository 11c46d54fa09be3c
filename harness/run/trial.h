/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trial.h - what a case sees: its variant, its rig, checks; with traffic.h and login.h all that
 * cases include
 *
 * A trial runs in a process of its own, in a folder of its own. The first check that does not hold
 * ends it: evidence is collected, what was deferred is undone in reverse order, QEMU is ended and
 * judged, the record is written. A case frees nothing and cleans up nothing.
 */
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdnoreturn.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"
#include "harness/host/chr_told.h"
#include "harness/host/console.h"
#include "harness/host/payload.h"
#include "harness/host/port_told.h"
#include "harness/host/pump.h"
#include "harness/host/spice.h"
#include "harness/host/telnet.h"
#include "harness/run/case.h"
#include "harness/run/features.h"
#include "harness/run/matrix.h"
#include "harness/run/says.h"
#include "harness/vm/facts.h"
#include "harness/vm/footprint.h"
#include "harness/vm/migrate.h"
#include "harness/vm/refusal.h"
#include "harness/vm/rig.h"
#include "harness/vm/tap.h"
#include "reports/record.h"

/**
 * struct session - What all trials of a run share
 * @caps:	the build under test
 * @to:		other builds, @n_to of them, which guests move to, one after the other
 * @image:	guest image; NULL: no selected case needs one
 * @also:	one of another flavour, for the plans that ask for that; NULL: none
 * @accel:	accelerator that works
 * @cache:	where saved states are kept, absolute
 * @dir:	the run's folder, absolute
 * @fault:	misbehaviour asked of our own host ends; NULL: none
 * @reference:	wire trials drive the reference device with this personality, not QEMU; NULL: QEMU
 * @like:	of the QEMU that it is like only the version; NULL: it is like none
 * @ref_faults:	that this device has (refdev.h); NULL: none
 * @seconds:	how long trials of cases that last are to last; 0: as each of them likes
 * @ending:	somebody wants them to end before; shared with the runner. NULL: nobody can
 * @silent:	only verdicts are wanted: no folder, no log, nothing reduced
 * @verbose:	trials print what they do
 * @keep_guest:	leave the guest running and say how to reach it
 * @keep_all:	keep the evidence of trials that pass, too
 */
struct session {
	const struct caps *caps, *like, *to;
	size_t n_to;
	const struct image *image, *also;
	const char *accel;
	char *cache, *dir;
	const char *fault;
	const char *reference, *ref_faults;
	int seconds;
	const atomic_bool *ending;
	bool verbose, keep_guest, keep_all, silent;
};

/**
 * struct trial - One trial while it runs
 * @plan, @rig:	what it begins with
 * @latest:	where its guest is by now: @rig, or the last one of trial_successor()
 * @others:	its guest moves to the builds of --qemu-to, one after the other
 * @did:	what the body has done so far, as shell lines: trial_did()
 */
struct trial {
	const struct trial_spec *spec;
	const struct session *session;
	struct plan plan;
	struct rig rig;
	struct rig *latest;
	bool others;
	struct buf did;
	struct trial_private *priv;
};

/** trial_axis() - The value of an axis of this trial; NULL: it does not apply */
const char *trial_axis(const struct trial *t, const char *axis);
bool trial_is(const struct trial *t, const char *axis, const char *value);
/** trial_row() - variant_row() of its variant */
const void *trial_row(const struct trial *t);

/** trial_fail() - End the trial: the claim is broken, because .. */
noreturn void trial_fail(struct trial *t, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** trial_seconds() - How long a trial of a case that lasts does: what --time says, or @seconds */
int trial_seconds(const struct trial *t, int seconds);
/** trial_goes_on() - It goes on, begun at @began_ns: that time has not passed, and nobody wants it
 * to end */
bool trial_goes_on(const struct trial *t, int64_t began_ns, int seconds);
/** trial_skip() - End the trial: this build lacks something that only showed up now */
noreturn void trial_skip(struct trial *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define CHECK(t, cond, ...)                                                                        \
	do {                                                                                       \
		if (!(cond))                                                                       \
			trial_fail(t, __FILE__, __LINE__, __VA_ARGS__);                            \
	} while (0)

/** trial_note() - A line for the trial's log, and for the terminal under V=1 */
void trial_note(struct trial *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** trial_tell() - The same, and for the terminal also in a run of --time: how far it is */
void trial_tell(struct trial *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** trial_did() - A line of what the body has just done, for repro.sh (see repro.h) to do again; one
 * that is the same as the last is dropped */
void trial_did(struct trial *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** trial_did_qmp() - A QMP command; @args: a JSON object, or NULL */
void trial_did_qmp(struct trial *t, const char *command, const char *args);
/** trial_did_hosts() - From here on hosts read and write when they are told to, and the script says
 * in the end whether all was as it should be: the functions of repro_hosts.c */
void trial_did_hosts(struct trial *t);
/** trial_did_successor() - One more QEMU, that of @rig, as "$next", into which the guest may move; its
 * stdin is the file "state" */
void trial_did_successor(struct trial *t, const struct rig *rig);
/** trial_defer() - Undo something when the trial ends, in reverse order */
void trial_defer(struct trial *t, void (*fn)(void *arg), void *arg);
/** trial_rig() - Bring the plan up (once); a failure to do so fails the trial */
struct rig *trial_rig(struct trial *t);
/** trial_ready() - After trial_rig() of a plan that is at_boot: wait until the guest is up */
void trial_ready(struct trial *t);
/** trial_make_rig() - Its first half: nothing of it is up; for wire.c */
void trial_make_rig(struct trial *t);
/** trial_successor() - One more QEMU, beside those there are, for the guest to move into: what
 * @plan says (which it takes over; cold, with "-incoming defer"), on the trial's build, or if it
 * moves to @others on the next one of these, its files behind "2.", "3.", .. Ended and judged with
 * the trial; a failure to start fails the trial */
struct rig *trial_successor(struct trial *t, struct plan *plan);
/** trial_refused() - Demand that QEMU, with the words of @args behind its common command line, ends
 * with status 1 and @message (see refusal.h). For cases without a rig */
void trial_refused(struct trial *t, const char *args, const char *message);
/** trial_refusal() - See how QEMU ends with @args behind its common command line, with which it is
 * not to start; refusal_release() is the caller's. For cases without a rig */
void trial_refusal(struct trial *t, const struct strv *args, struct refusal *r);

/**
 * struct helper - A helper running in the guest, its TAP read as it comes
 * @cmd:	the command
 * @tap:	what it said so far
 */
struct helper {
	struct guest_cmd cmd;
	struct tap tap;
	struct trial *trial;
};

/** helper_start() - Start "chardev-helper ARGS" in the guest; it is ended with the trial */
struct helper *helper_start(struct trial *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** helper_await() - Wait until the diagnostic line "# TEXT.." has come, or that of @or_text (NULL:
 * none). False: the helper ended or failed first, or @ms passed */
bool helper_await(struct helper *h, const char *text, const char *or_text, int ms);
/** helper_poll() - Take what has come; true once it has ended */
bool helper_poll(struct helper *h);
/** helper_failed() - It said "not ok" or "Bail out!", or ended badly */
bool helper_failed(const struct helper *h);
/** helper_tell() - A line on its stdin */
void helper_tell(struct helper *h, const char *line);
/** helper_finish() - Wait for its end; the trial fails, with what it said, unless all was ok */
void helper_finish(struct helper *h, int ms);
/** helper_why() - Why helper_failed(): a line, more when it knows of damage; waits for its end */
void helper_why(struct helper *h, struct buf *why);

/** trial_guest_in() - A shell line that must end with status 0, in the guest that is in @rig by
 * now; its output, malloc'ed */
char *trial_guest_in(struct trial *t, struct rig *rig, const char *line);
/** trial_guest() - The same, in a guest that does not move */
char *trial_guest(struct trial *t, const char *line);

/** trial_want_ok() - Fail the trial unless @r is QMP_OK, with what became of @command */
void trial_want_ok(struct trial *t, struct rig *rig, enum qmp_result r, const char *command);
/** trial_qmp() - A command that has to work, with the members of @args, a JSON object (NULL: none);
 * its answer stays in the connection */
void trial_qmp(struct trial *t, struct rig *rig, const char *command, const char *args);
/** trial_plug() - device_add of a text as behind -device */
void trial_plug(struct trial *t, struct rig *rig, const char *device);
/** trial_unplug() - device_del, and wait until the device has gone */
void trial_unplug(struct trial *t, struct rig *rig, const char *id);

/** trial_survive_reset() - A reset, which our -no-reboot makes the end, will start the guest anew;
 * trial_reset() - that, system_reset, and it begins; trial_await_boot() - it is up again, and can
 * be reached */
void trial_survive_reset(struct trial *t, struct rig *rig);
void trial_reset(struct trial *t, struct rig *rig);
void trial_await_boot(struct trial *t, struct rig *rig);
/** trial_await_throttled() - QEMU holds the guest up at the port @id */
void trial_await_throttled(struct trial *t, struct rig *rig, const char *id);

/** trial_move() - The machine moves: it stands still in @from, and has arrived in @to. @left (NULL:
 * none) is called once nothing runs in @from any more */
void trial_move(struct trial *t, struct rig *from, struct rig *to, enum migrate_way way,
		void (*left)(void *arg), void *arg);
/** trial_await_arrival() - The rest of it, for a move that has begun */
void trial_await_arrival(struct trial *t, struct migrate *m, void (*left)(void *arg), void *arg);

/** client_start() - Start a SPICE client, and wait until it is connected; it is ended with the
 * trial. What does not come fails the trial, here and below */
struct spice *client_start(struct trial *t);
/** client_await() - What it says behind @key; owned by @s */
const char *client_await(struct trial *t, struct spice *s, const char *key);
/** client_tell() - A line for it */
void client_tell(struct trial *t, struct spice *s, const char *line);

/** trial_run() - Run one trial in this process: in @session->dir/trials/ID, ends with the record
 * written there; called by the runner */
void trial_run(const struct trial_spec *spec, const struct session *session);
/** trial_probe() - Run a wire trial here and now against @session->reference, for its verdict
 * alone: nothing is written (@session is silent). @reason: appended to, unless it passes */
enum verdict trial_probe(const struct trial_spec *spec, const struct session *session,
			 struct buf *reason);
/** trial_record() - A record with everything but what only shows while it runs, to be released */
struct record trial_record(const struct trial_spec *spec, enum verdict verdict, const char *reason);
/** trial_dir() - The folder of a trial, absolute; malloc'ed */
char *trial_dir(const struct session *session, const struct trial_spec *spec);
#define TRIAL_RECORD "record.json"
#define TRIAL_LOG    "trial.log"

#endif
