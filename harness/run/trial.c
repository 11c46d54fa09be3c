// SPDX-License-Identifier: GPL-2.0-or-later
/* trial.c - one trial: its end, its verdict */
#include "harness/run/trial.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/evidence.h"
#include "harness/run/repro.h"
#include "harness/run/session.h"
#include "harness/run/wire.h"

#define DEFERRED_MAX   256
#define SUCCESSORS_MAX 8

/** struct successor - One more QEMU, what it has, and what the names of its files begin with */
struct successor {
	struct plan plan;
	struct rig rig;
	char stem[16];
};

/**
 * struct trial_private - How a trial ends
 * @out:	where trial_end() jumps to
 * @verdict, @reason: what it ended with
 * @deferred:	to be undone, last first
 * @rig_made:	rig_init() was called; @rig_up: the guest answers
 * @more:	QEMUs beside the trial's first
 * @crash:	QEMU ended as it must not
 * @dir_fd:	the trial's folder
 */
struct trial_private {
	jmp_buf out;
	enum verdict verdict;
	struct buf reason;
	struct {
		void (*fn)(void *arg);
		void *arg;
	} deferred[DEFERRED_MAX];
	int n_deferred;
	struct successor *more[SUCCESSORS_MAX];
	int n_more;
	bool rig_made, rig_up, crash;
	int dir_fd;
	int64_t began_ns;
};

const char *trial_axis(const struct trial *t, const char *axis)
{
	return variant_get(&t->spec->variant, axis);
}

bool trial_is(const struct trial *t, const char *axis, const char *value)
{
	return variant_is(&t->spec->variant, axis, value);
}

const void *trial_row(const struct trial *t)
{
	return variant_row(&t->spec->variant);
}

__attribute__((format(printf, 3, 0))) static void note(struct trial *t, bool loud, const char *fmt,
						       va_list ap)
{
	struct buf line = BUF_INIT;

	if (t->session->silent)
		return;
	buf_addf(&line, "[%7.3f] ", (double)(now_ns() - t->priv->began_ns) / 1e9);
	buf_vaddf(&line, fmt, ap);
	buf_addstr(&line, "\n");
	file_append(TRIAL_LOG, line.data, line.len);
	if (loud) /* several trials may talk at once */
		fprintf(stderr, "%s %s", t->spec->id, line.data);
	buf_release(&line);
}

void trial_note(struct trial *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(t, t->session->verbose, fmt, ap);
	va_end(ap);
}

void trial_tell(struct trial *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(t, t->session->verbose || t->session->seconds, fmt, ap);
	va_end(ap);
}

int trial_seconds(const struct trial *t, int seconds)
{
	return t->session->seconds ? t->session->seconds : seconds;
}

bool trial_goes_on(const struct trial *t, int64_t began_ns, int seconds)
{
	return now_ns() - began_ns < trial_seconds(t, seconds) * INT64_C(1000000000) &&
	       !(t->session->ending && atomic_load(t->session->ending));
}

void trial_did(struct trial *t, const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	va_list ap;
	size_t at;

	if (t->session->silent)
		return;
	va_start(ap, fmt);
	buf_vaddf(&line, fmt, ap);
	va_end(ap);
	buf_addstr(&line, "\n");
	at = t->did.len < line.len ? 0 : t->did.len - line.len;
	if (!t->did.len || (at && t->did.data[at - 1] != '\n') ||
	    strcmp(t->did.data + at, line.data) != 0)
		buf_add(&t->did, line.data, line.len);
	buf_release(&line);
}

/* The one way out of a case before its last line. */
static noreturn void trial_end(struct trial *t, enum verdict verdict)
{
	t->priv->verdict = verdict;
	longjmp(t->priv->out, 1);
}

void trial_fail(struct trial *t, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&t->priv->reason, fmt, ap);
	va_end(ap);
	trial_note(t, "FAIL at %s:%d: %s", file, line, t->priv->reason.data);
	trial_end(t, VERDICT_FAIL);
}

void trial_skip(struct trial *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&t->priv->reason, fmt, ap);
	va_end(ap);
	trial_end(t, VERDICT_SKIP);
}

/* die() inside a trial: a breakage. */
static void trial_break(void *arg, const char *message)
{
	struct trial *t = arg;

	buf_addf(&t->priv->reason, "%s%s", t->priv->reason.len ? "\n" : "", message);
	/* What breaks after the body does not take back what the body found. */
	trial_end(t, t->priv->verdict == VERDICT_FAIL ? VERDICT_FAIL : VERDICT_BROKEN);
}

void trial_defer(struct trial *t, void (*fn)(void *arg), void *arg)
{
	if (t->priv->n_deferred == DEFERRED_MAX)
		die("a trial defers at most %d things", DEFERRED_MAX);
	t->priv->deferred[t->priv->n_deferred].fn = fn;
	t->priv->deferred[t->priv->n_deferred++].arg = arg;
}

static void undo_last(struct trial *t)
{
	int i = --t->priv->n_deferred;

	t->priv->deferred[i].fn(t->priv->deferred[i].arg);
}

static bool needs_guest(const struct trial *t)
{
	return t->spec->variant.c->needs & NEEDS_GUEST;
}

void trial_make_rig(struct trial *t)
{
	const struct session *s = t->session;
	struct vm_config config = session_config(s, &t->plan, needs_guest(t));

	config.keep = s->keep_guest;
	rig_init(&t->rig, &config, &t->plan);
	t->latest = &t->rig;
	t->priv->rig_made = true;
	for (size_t i = 0; s->fault && i < t->rig.n_chrs; i++)
		if (!chr_fault_parse(&t->rig.chrs[i].fault, s->fault))
			die("no such fault: %s", s->fault);
	evidence_begin(t);
}

struct rig *trial_rig(struct trial *t)
{
	struct warm warm = {NULL};
	struct buf why = BUF_INIT;
	bool up;

	if (t->priv->rig_up)
		return &t->rig;
	trial_make_rig(t);
	if (!t->plan.cold && needs_guest(t) &&
	    !warm_prepare(&warm, &t->rig.vm.config, t->session->cache, &why))
		die("the guest that this trial starts from cannot be made: %s", why.data);
	up = rig_up(&t->rig, warm.path ? &warm : NULL, &why);
	if (!up && vm_lacks_firmware(&t->rig.vm))
		trial_skip(t, "this QEMU has no firmware for a microvm (qboot.rom)");
	CHECK(t, up, "%s", why.data);
	warm_release(&warm);
	t->priv->rig_up = true;
	if (t->session->keep_guest && !t->plan.at_boot)
		evidence_print_reach(t);
	trial_note(t, "up: %s", t->rig.timings.data);
	return &t->rig;
}

struct rig *trial_successor(struct trial *t, struct plan *plan)
{
	struct vm_config config = session_config(t->session, plan, needs_guest(t));
	struct successor *s = xcalloc(1, sizeof(*s));
	struct buf why = BUF_INIT;

	if (t->priv->n_more == SUCCESSORS_MAX)
		die("a trial has at most %d QEMUs behind its first", SUCCESSORS_MAX);
	s->plan = *plan;
	*plan = (struct plan){0};
	s->plan.cold = s->plan.at_boot = true;
	if (t->others)
		config.caps = &t->session->to[t->priv->n_more];
	snprintf(s->stem, sizeof(s->stem), "%d.", t->priv->n_more + 2);
	config.stem = s->stem;
	config.keep = t->session->keep_guest;
	rig_init(&s->rig, &config, &s->plan);
	t->priv->more[t->priv->n_more++] = s;
	CHECK(t, rig_up(&s->rig, NULL, &why), "the QEMU to move into: %s", why.data);
	t->latest = &s->rig;
	return &s->rig;
}

void trial_ready(struct trial *t)
{
	struct buf why = BUF_INIT;

	CHECK(t, rig_ready(&t->rig, &why), "%s", why.data);
	if (t->session->keep_guest)
		evidence_print_reach(t);
	trial_note(t, "ready: %s", t->rig.timings.data);
}

void trial_refused(struct trial *t, const char *args, const char *message)
{
	struct vm_config config = session_config(t->session, &t->plan, false);
	struct strv words = {NULL, 0};
	struct buf why = BUF_INIT;

	trial_note(t, "to be refused: %s", args);
	strv_split(&words, args, " ");
	repro_refusal(t, &words, message);
	CHECK(t, refusal_judge(&config, &words, message, &why), "%s: %s", args, why.data);
	strv_release(&words);
}

void trial_refusal(struct trial *t, const struct strv *args, struct refusal *r)
{
	struct vm_config config = session_config(t->session, &t->plan, false);
	struct buf why = BUF_INIT;

	repro_refusal(t, args, NULL);
	CHECK(t, refusal_run(r, &config, args, &why), "%s", why.data);
}

/* QEMU's end is part of every verdict: it must still be there, and end well when it is told to. If
 * it does not the trial is a FAIL, whatever the checks said, and nothing excuses it. */
static void judge_vm(struct trial *t, struct vm *vm)
{
	struct trial_private *p = t->priv;
	struct buf why = BUF_INIT;
	bool crash;

	if (!vm->proc.pid)
		return;
	if (vm->quit) {
		crash = !vm->proc.ended || vm->proc.status != vm->want_status;
		if (crash && !p->reason.len && vm->proc.ended)
			vm_end_text(vm, &why);
		else if (crash && !p->reason.len)
			buf_addstr(&why, "QEMU was to end, and goes on");
	} else if (t->session->keep_guest) {
		crash = !vm_alive(vm, &why);
	} else {
		crash = !vm_quit(vm, &why);
	}
	if (!crash)
		return;
	p->crash = true;
	p->verdict = VERDICT_FAIL;
	if (!strstr(p->reason.data, why.data))
		buf_addf(&p->reason, "%s%s", p->reason.len ? "\n" : "", why.data);
}

static void judge_qemu(struct trial *t)
{
	if (t->priv->rig_made)
		judge_vm(t, &t->rig.vm);
	for (int i = 0; i < t->priv->n_more; i++)
		judge_vm(t, &t->priv->more[i]->rig.vm);
}

static void collect(struct trial *t)
{
	if (t->priv->rig_made)
		evidence_from_guest(t, t->priv->verdict);
}

static void go_home(struct trial *t)
{
	if (fchdir(t->priv->dir_fd) < 0) /* a breakage may have come from somewhere else */
		die_errno("unable to go back to the trial's folder");
}

/* QEMU writes into our folder too: bytes that are missing on a full disk say nothing about it. */
static void judge_disk(struct trial *t)
{
	struct statvfs fs;

	if (t->priv->verdict != VERDICT_FAIL || statvfs(".", &fs) < 0 || fs.f_bavail > 0)
		return;
	t->priv->verdict = VERDICT_BROKEN;
	buf_addstr(&t->priv->reason, "\nthe disk is full: this cannot be judged");
}

static void take_step(struct trial *t, void (*step)(struct trial *t))
{
	const struct die_hook hook = {trial_break, t};

	if (setjmp(t->priv->out) == 0) {
		die_set_hook(&hook);
		step(t);
	}
	die_set_hook(NULL);
}

/* Everything after the body; what breaks one step does not keep the next from being taken. */
static void trial_close(struct trial *t)
{
	take_step(t, go_home);
	while (t->priv->n_deferred)
		take_step(t, undo_last);
	take_step(t, collect);
	take_step(t, judge_qemu);
	take_step(t, judge_disk);
}

static char *spec_axes(const struct trial_spec *spec)
{
	const struct check_case *c = spec->variant.c;
	struct buf b = BUF_INIT;

	for (size_t i = 0; c->axes && c->axes[i]; i++)
		if (spec->variant.value[i])
			buf_addf(&b, "%s%s=%s", b.len ? " " : "", c->axes[i],
				 spec->variant.value[i]);
	return buf_steal(&b);
}

struct record trial_record(const struct trial_spec *spec, enum verdict verdict, const char *reason)
{
	const struct check_case *c = spec->variant.c;

	return (struct record){
		.id = xstrdup(spec->id),
		.title = xstrdup(c->title),
		.clause = xstrdup(c->clause),
		.level = xstrdup(level_name(c->level)),
		.axes = spec_axes(spec),
		.verdict = verdict,
		.reason = xstrdup(reason),
		.expectation = xstrdup(""),
		.evidence = xstrdup(""),
		.timings = xstrdup(""),
	};
}

static void trial_write_record(struct trial *t)
{
	struct trial_private *p = t->priv;
	struct record r = trial_record(t->spec, p->verdict, p->reason.data);

	r.crash = p->crash;
	r.seconds = (double)(now_ns() - p->began_ns) / 1e9;
	if (p->rig_made) {
		free(r.timings);
		r.timings = xstrdup(t->rig.timings.data);
	}
	record_write(TRIAL_RECORD, &r);
	record_release(&r);
}

char *trial_dir(const struct session *session, const struct trial_spec *spec)
{
	return xasprintf("%s/trials/%s", session->dir, spec->id);
}

/* What stands before all else in its log, for who has nothing but that. */
static void note_what(struct trial *t)
{
	const struct session *s = t->session;

	trial_note(t, "%s: %s", t->spec->id, t->spec->variant.c->title);
	if (s->reference)
		trial_note(t, "on the reference device, %s%s%s", s->reference,
			   s->ref_faults ? ", with " : "", s->ref_faults ? s->ref_faults : "");
	else if (s->caps)
		trial_note(t, "on QEMU %s, %s%s%s", s->caps->version, s->caps->path,
			   s->accel ? ", accelerator " : "", s->accel ? s->accel : "");
	if (s->fault)
		trial_note(t, "our own host ends misbehave, as they were told: %s", s->fault);
}

static int enter_dir(const struct session *session, const struct trial_spec *spec)
{
	char *dir = trial_dir(session, spec);
	int fd;

	file_enter_anew(dir); /* it may be a trial that is run again */
	fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die_errno("unable to open %s", dir);
	free(dir);
	return fd;
}

void trial_run(const struct trial_spec *spec, const struct session *session)
{
	struct trial_private priv = {.verdict = VERDICT_PASS,
				     .reason = BUF_INIT,
				     .began_ns = now_ns()};
	struct trial t = {.spec = spec, .session = session, .did = BUF_INIT, .priv = &priv};
	const struct die_hook hook = {trial_break, &t};

	signal(SIGPIPE, SIG_IGN);
	priv.dir_fd = enter_dir(session, spec);
	if (setjmp(priv.out) == 0) {
		die_set_hook(&hook);
		note_what(&t);
		case_plan(&spec->variant, &t.plan);
		spec->variant.c->run(&t);
	}
	die_set_hook(NULL);
	trial_close(&t);
	trial_note(&t, "%s%s%s", verdict_name(priv.verdict), priv.reason.len ? ": " : "",
		   priv.reason.data);
	evidence_write(&t, priv.verdict);
	trial_write_record(&t);
	if (priv.rig_made)
		rig_release(&t.rig);
	for (int i = 0; i < priv.n_more; i++) {
		rig_release(&priv.more[i]->rig);
		plan_release(&priv.more[i]->plan);
		free(priv.more[i]);
	}
	plan_release(&t.plan);
	buf_release(&t.did);
	buf_release(&priv.reason);
}

enum verdict trial_probe(const struct trial_spec *spec, const struct session *session,
			 struct buf *reason)
{
	struct trial_private priv = {.verdict = VERDICT_PASS,
				     .reason = BUF_INIT,
				     .began_ns = now_ns(),
				     .dir_fd = -1};
	struct trial t = {.spec = spec, .session = session, .did = BUF_INIT, .priv = &priv};

	take_step(&t, spec->variant.c->run);
	while (priv.n_deferred)
		take_step(&t, undo_last);
	buf_add(reason, priv.reason.data, priv.reason.len);
	buf_release(&priv.reason);
	return priv.verdict;
}
