// SPDX-License-Identifier: GPL-2.0-or-later
/* scene.c - a program in the guest and the host's ends, wherever the guest is */
#include "cases/streams/scene.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/streams/circuit.h"
#include "cases/streams/move.h"

#define STEP_MS 20000
#define HEAR_MS 10000
#define OPEN_MS 8000
#define GONE_MS 10000
#define BLOCK	65536
#define STREAM	(64ULL << 20)
#define SEED_RX 100 /* as in guest-helpers/fops.c */

#define NAME	 "org.chardev-check.port"
#define LINK	 "/dev/virtio-ports/" NAME
#define WORDS	 "/tmp/scene.tap"
#define COMMANDS "/tmp/scene.ctl"

/* The backends of the first QEMU are c1, c2, .., those of the next one d1, .. */
static char *chr_id(unsigned int moves, unsigned int port)
{
	return xasprintf("%c%u", (int)('c' + moves), port + 1);
}

static char *port_device(unsigned int moves, unsigned int port)
{
	char *id = chr_id(moves, port);
	char *device =
		xasprintf("virtserialport,bus=ser0.0,nr=%u,chardev=%s,id=port%u,name=" NAME "%u",
			  port + 1, id, port + 1, port + 1);

	free(id);
	return device;
}

void scene_plug(struct scene *s, unsigned int port)
{
	char *id = chr_id(s->moves, port), *device = port_device(s->moves, port), *line;
	struct chr *c = rig_add_chr(s->rig, id, s->kind, CHR_QEMU_LISTENS);
	struct buf why = BUF_INIT;

	if (!s->ends[port].chrs[SCENE_HERE]) {
		scene_did_chardev(s, id);
		CHECK(s->t, rig_plug_chr(s->rig, c, &why), "%s", why.data);
	}
	s->ends[port].chrs[SCENE_HERE] = c;
	move_did_plug(s->t, device);
	trial_plug(s->t, s->rig, device);
	s->absent &= ~(1U << port);
	line = xasprintf("chardev-helper wait-path " LINK "%u --timeout-ms %d </dev/null", port + 1,
			 GONE_MS);
	move_did_guest(s->t, line);
	free(scene_shell(s, line));
	free(line);
	free(device);
	free(id);
}

void scene_unplug(struct scene *s, unsigned int port)
{
	char *id = xasprintf("port%u", port + 1);

	trial_did(s->t, "remove %s", id);
	trial_unplug(s->t, s->rig, id);
	s->absent |= 1U << port;
	free(id);
}

char *scene_shell(struct scene *s, const char *line)
{
	return trial_guest_in(s->t, s->rig, line);
}

/* Its standard input is a FIFO that it holds open itself. */
static void start_program(struct scene *s)
{
	struct buf line = BUF_INIT;

	buf_addstr(&line, "mkfifo " COMMANDS " && { chardev-helper fops");
	for (unsigned int port = 0; port < SCENE_PORTS; port++)
		buf_addf(&line, " " LINK "%u", port + 1);
	buf_addstr(&line, " <>" COMMANDS " >" WORDS " 2>&1 & }");
	move_did_guest(s->t, line.data);
	free(scene_shell(s, line.data));
	buf_release(&line);
}

void scene_begin(struct scene *s, struct trial *t, unsigned int absent)
{
	*s = (struct scene){.t = t, .rig = trial_rig(t), .kind = CHR_UNIX, .absent = absent};
	if (trial_axis(t, "backend"))
		chr_kind_parse(trial_axis(t, "backend"), &s->kind);
	scene_did_begin(s, WORDS, COMMANDS);
	move_did_plug(t, CIRCUIT_CONTROLLER);
	trial_plug(t, s->rig, CIRCUIT_CONTROLLER);
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		struct scene_end *e = &s->ends[port];

		payload_init(&e->to_guest, SEED_RX + port, STREAM);
		payload_init(&e->from_guest, SCENE_SEED_TX + port, STREAM);
		if (!(absent >> port & 1))
			scene_plug(s, port);
	}
	start_program(s);
	rig_lap(&t->rig, "program");
}

/* "# mark-3 10 0 ..": what was written and read at each port. */
static void take_mark(struct scene *s, const char *words, const char *mark)
{
	const char *at = strstr(words, mark);

	CHECK(s->t, at && !strstr(words, "not ok") && !strstr(words, "Bail out!"),
	      "the program in the guest: %s", words);
	at += strlen(mark);
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		uint64_t read;
		int n = 0;

		CHECK(s->t,
		      sscanf(at, "%" SCNu64 " %" SCNu64 "%n", &s->ends[port].written, &read, &n) ==
			      2,
		      "the program's mark is: %s", words);
		at += n;
	}
}

void scene_guest(struct scene *s, const char *lines)
{
	char *mark = xasprintf("# mark-%u ", s->marks++), *line, *words;

	trial_note(s->t, "the program: %s", lines);
	scene_did_calls(s, lines);
	line = xasprintf("echo '%s\nmark' >" COMMANDS "; until grep -q -e '^%s' -e '^not ok' -e "
			 "'^Bail out' " WORDS "; do usleep 3000; done; grep -e '^%s' -e '^not ok' "
			 "-e '^Bail out' " WORDS,
			 lines, mark, mark);
	words = scene_shell(s, line);
	take_mark(s, words, mark);
	free(words);
	free(line);
	free(mark);
}

/* ---- the host */

void scene_open(struct scene *s, unsigned int port, enum scene_where where)
{
	struct chr *c = s->ends[port].chrs[where];
	struct buf why = BUF_INIT;

	trial_did(s->t, "come %s", c->id);
	CHECK(s->t, chr_open(c, deadline_in(OPEN_MS), &why), "the host end %s: %s", c->id,
	      why.data);
}

void scene_close(struct scene *s, unsigned int port)
{
	struct chr *c = s->ends[port].chrs[SCENE_HERE];

	trial_did(s->t, "go %s", c->id);
	chr_close(c);
}

void scene_send(struct scene *s, unsigned int port, enum scene_where where, uint64_t n)
{
	struct scene_end *e = &s->ends[port];
	char *buf = xmalloc((size_t)n);

	trial_did(s->t, "say %s %u %" PRIu64 " %" PRIu64, e->chrs[where]->id, SEED_RX + port,
		  e->sent, n);
	payload_fill(&e->to_guest, e->sent, buf, (size_t)n);
	CHECK(s->t,
	      chr_write_all(e->chrs[where], buf, (size_t)n, deadline_in(STEP_MS)) == (size_t)n,
	      "the host end %s does not take all from offset %" PRIu64 " on", e->chrs[where]->id,
	      e->sent);
	e->sent += n;
	free(buf);
}

/* Up to @max more bytes; how many came. */
static size_t hear(struct scene *s, unsigned int port, struct chr *c, uint64_t max)
{
	struct scene_end *e = &s->ends[port];
	size_t len = max < BLOCK ? (size_t)max : BLOCK, n;
	char *got = xmalloc(len);

	n = chr_read_exact(c, got, len, deadline_in(HEAR_MS));
	if (payload_same(&e->from_guest, e->heard, got, n) != n)
		traffic_wrong(s->t, c, &e->from_guest, e->heard, got, n);
	e->heard += n;
	free(got);
	return n;
}

#define BROKEN "QEMU says \"Virtqueue size exceeded\": it has declared its controller broken"

/* qemu/hw/virtio/virtio.c virtio_error() */
bool scene_is_broken(struct scene *s)
{
	return vm_await_words(&s->rig->vm, "Virtqueue size exceeded", deadline_in(0));
}

static void hears(struct scene *s, unsigned int port, uint64_t until)
{
	struct scene_end *e = &s->ends[port];
	struct chr *c = e->chrs[SCENE_HERE];

	while (e->heard < until)
		CHECK(s->t, hear(s, port, c, until - e->heard) > 0,
		      "the host end %s got %" PRIu64 " bytes of the guest's %" PRIu64 " in time%s",
		      c->id, e->heard, until, scene_is_broken(s) ? "; " BROKEN : "");
}

void scene_hears(struct scene *s, unsigned int port, uint64_t n)
{
	struct scene_end *e = &s->ends[port];

	trial_did(s->t, "hear %s %u %u.heard %" PRIu64, e->chrs[SCENE_HERE]->id,
		  SCENE_SEED_TX + port, port, n);
	hears(s, port, e->heard + n);
}

void scene_hears_all(struct scene *s, unsigned int port)
{
	struct scene_end *e = &s->ends[port];

	trial_did(s->t, "hear %s %u %u.heard $(($(written %u) - $(count %u.heard)))",
		  e->chrs[SCENE_HERE]->id, SCENE_SEED_TX + port, port, port, port);
	hears(s, port, e->written);
}

void scene_hears_left(struct scene *s, unsigned int port)
{
	struct chr *c = s->ends[port].chrs[SCENE_BEHIND];
	uint64_t before = s->ends[port].heard;

	trial_did(s->t, "hear_some %s %u %u.heard", c->id, SCENE_SEED_TX + port, port);
	while (hear(s, port, c, BLOCK) == BLOCK)
		;
	CHECK(s->t, !chr_is_open(c) || chr_try_read(c, &(char){0}, 1) == CHR_EOF,
	      "the host end %s stays open without its QEMU", c->id);
	trial_note(s->t, "%s had %" PRIu64 " bytes", c->id, s->ends[port].heard - before);
}

void scene_resumes(struct scene *s, unsigned int port, uint64_t n)
{
	struct scene_end *e = &s->ends[port];
	struct chr *c = e->chrs[SCENE_HERE];
	struct buf came = BUF_INIT;

	trial_did(s->t, "hear_last %s %u %u.heard $(written %u) %" PRIu64, c->id,
		  SCENE_SEED_TX + port, port, port, n);
	while (!payload_resumed(&e->from_guest, e->heard, e->written, (size_t)n, came.data,
				came.len)) {
		/* What QEMU does of what it was given, it has done: then nothing more comes. */
		bool rests = vm_await_rest(&s->rig->vm, deadline_in(STEP_MS));
		ssize_t got = chr_try_read(c, buf_reserve(&came, BLOCK), BLOCK);

		CHECK(s->t, rests, "QEMU does not come to rest");
		CHECK(s->t, got > 0 && came.len < e->written - e->heard,
		      "the host end %s got %zu bytes, but not the guest's last %" PRIu64, c->id,
		      came.len, n);
		came.len += (size_t)got;
	}
	trial_note(s->t, "%s: %zu bytes had been kept", c->id, came.len - (size_t)n);
	e->heard = e->written;
	buf_release(&came);
}

void scene_await_throttled(struct scene *s, unsigned int port)
{
	char *id = xasprintf("port%u", port + 1);

	trial_did(s->t, "throttled 'port %u, guest on, host on, '", port + 1);
	trial_await_throttled(s->t, s->rig, id);
	free(id);
}

void scene_fill(struct scene *s)
{
	scene_guest(s, "until a = OUT\nfill a = EAGAIN");
	scene_await_throttled(s, 0);
	scene_guest(s, "fill a = EAGAIN");
}

void scene_turn(struct scene *s)
{
	scene_close(s, SCENE_BOTH);
	scene_close(s, SCENE_AFTER);
	scene_open(s, SCENE_BEFORE, SCENE_HERE);
	scene_open(s, SCENE_NEITHER, SCENE_HERE);
	scene_guest(s, "until a = " SCENE_HUNG_UP "\nuntil b = OUT\nuntil c = " SCENE_HUNG_UP "\n"
		       "until d = OUT");
}

void scene_check_whole(struct scene *s)
{
	trial_did(s->t, "is_whole");
	CHECK(s->t, !scene_is_broken(s),
	      "the controller is broken once its state is loaded: \"Virtqueue size exceeded\"");
}

/* ---- from QEMU to QEMU */

void scene_next(struct scene *s, unsigned int absent)
{
	struct plan plan = {.machine = s->t->plan.machine};

	strv_pushl(&plan.args, "-incoming", "defer", NULL);
	strv_push(&plan.devices, CIRCUIT_CONTROLLER);
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		char *device;

		if (absent >> port & 1)
			continue;
		plan_add_chr(&plan, chr_id(s->moves + 1, port), s->kind, CHR_QEMU_LISTENS);
		device = port_device(s->moves + 1, port);
		strv_push(&plan.devices, device);
		free(device);
	}
	s->next = trial_successor(s->t, &plan);
	trial_did_successor(s->t, s->next);
	for (size_t i = 0; i < s->next->n_chrs; i++) {
		struct chr *c = &s->next->chrs[i];

		s->ends[c->id[1] - '1'].chrs[SCENE_THERE] = c;
	}
	s->absent = absent;
}

void scene_move(struct scene *s)
{
	struct buf why = BUF_INIT;

	move_between(s->t, s->rig, s->next, NULL, NULL);
	s->rig = s->next;
	s->next = NULL;
	s->moves++;
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		struct chr **chrs = s->ends[port].chrs;

		chrs[SCENE_BEHIND] = chrs[SCENE_HERE];
		chrs[SCENE_HERE] = chrs[SCENE_THERE];
		chrs[SCENE_THERE] = NULL;
	}
	CHECK(s->t, vm_ssh(&s->rig->vm, &why), "%s", why.data);
}

void scene_end(struct scene *s)
{
	struct buf why = BUF_INIT;

	trial_did(s->t, "finish");
	free(scene_shell(s, "echo end >" COMMANDS "; until grep -q '^1\\.\\.' " WORDS
			    "; do usleep 3000; done; ! grep '^not ok' " WORDS));
	rig_lap(&s->t->rig, "scene");
	if (!s->t->session->keep_guest)
		CHECK(s->t, vm_quit(&s->rig->vm, &why), "%s", why.data);
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		struct chr *c = s->ends[port].chrs[SCENE_HERE];
		char more;

		if (c && chr_is_open(c))
			trial_did(s->t, "nothing %s", c->id);
		if (c && chr_is_open(c) && !s->t->session->keep_guest)
			CHECK(s->t, chr_read_exact(c, &more, 1, deadline_in(HEAR_MS)) == 0,
			      "the host end %s got a byte more", c->id);
		payload_release(&s->ends[port].from_guest);
		payload_release(&s->ends[port].to_guest);
	}
	trial_did(s->t, "end='every call gave what it should, every byte came as it was sent'");
}
