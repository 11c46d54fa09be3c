// SPDX-License-Identifier: GPL-2.0-or-later
/* pty.c - -chardev pty, pipe on a terminal, and serial: backends that are terminals of the host */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases/chardev/host.h"

#define LINK  "c0.link"
#define BYTES 300

static void pty_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	plan_add_chr(plan, "c0", CHR_PTY, CHR_QEMU_LISTENS);
}

/* As the first who opens it finds it. */
static void is_raw(struct trial *t, const char *path)
{
	int slave = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	struct termios tio;

	CHECK(t, slave >= 0 && tcgetattr(slave, &tio) == 0, "%s is no terminal", path);
	close(slave);
	CHECK(t,
	      !(tio.c_lflag & (ICANON | ECHO | ISIG | IEXTEN)) && !(tio.c_oflag & OPOST) &&
		      !(tio.c_iflag & (ICRNL | INLCR | IGNCR | ISTRIP | IXON)) &&
		      (tio.c_cflag & CSIZE) == CS8,
	      "the slave is not raw: iflag %#x oflag %#x cflag %#x lflag %#x", tio.c_iflag,
	      tio.c_oflag, tio.c_cflag, tio.c_lflag);
}

/* char-pty.c char_pty_chr_write(): without a user what is sent is dropped; each write looks whether
 * there is one again. What comes in is only seen by a look once a second. */
CASE(pty_reopen, .id = "pty.reopen",
     .title = "what the device sends while nobody has the slave open is dropped, what it sends as "
	      "soon as somebody has it is not, time and again; what a user left behind arrives",
     .clause = "qemu/chardev/char-pty.c char_pty_chr_write(), pty_chr_state()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = pty_plan)
{
	static const char *const rounds[] = {"first", "second"};
	struct bare *b = trial_bare(t);
	bool heard = b->front->kind != FRONT_DEBUGCON;
	struct stream s;

	is_raw(t, rig_chr(b->rig, "c0")->path);
	for (size_t i = 0; i < 2; i++) {
		const char *text = rounds[i];

		/* The hang-up is an event of the loop that serves us. */
		bare_settle(b);
		CHECK(t, !front_kind_is_virtio(b->front->kind) || !front_host_open(b->front),
		      "nobody has the slave open, and the port counts as open");
		bare_send(b, b->front, "said to nobody", 14);
		bare_settle(b);
		s = stream_plain(bare_open(b, "c0"));
		bare_host_silent(b, &s);
		bare_host_opened(b, b->front, true);
		bare_send(b, b->front, text, strlen(text));
		bare_host_expect(b, &s, text, strlen(text));
		bare_exchange(b, b->front, &s, BYTES, heard ? BYTES : 0);
		if (heard)
			bare_host_send(b, &s, text, strlen(text));
		chr_close(s.chr);
		if (heard)
			bare_expect(b, b->front, text, strlen(text));
	}
	bare_send(b, b->front, "said to nobody", 14);
}

static const char *link_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps_version_at_least(caps, 9, 2, 0)
		       ? NULL
		       : "-chardev pty,path= is there from QEMU 9.2 on; before, it is ignored";
}

static void link_plan(const struct variant *v, struct plan *plan)
{
	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	bare_chardev(plan, variant_is(v, "end", "removed") ? "null,id=c0" : "pty,id=c0,path=" LINK);
}

static void leads_to(struct bare *b, const char *id)
{
	char *filename = bare_filename(b, id), target[64] = "";
	ssize_t n = readlink(LINK, target, sizeof(target) - 1);

	CHECK(b->t, n > 0 && strncmp(filename, "pty:", 4) == 0 && strcmp(filename + 4, target) == 0,
	      "the link leads to \"%s\", the pty is \"%s\"", target, filename);
	free(filename);
}

CASE(pty_link, .id = "pty.link",
     .title =
	     "path= is a link to the slave; it is gone when QEMU has ended, and when the backend is "
	     "removed",
     .clause = "qemu/qemu-options.hx -chardev pty path", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"end", NULL}, .lacks = link_lacks, .plan = link_plan)
{
	struct bare *b = trial_bare(t);
	struct buf why = BUF_INIT;
	struct stat st;

	if (trial_is(t, "end", "removed")) {
		bare_qmp(b, "chardev-add",
			 "{\"id\": \"c1\", \"backend\": {\"type\": \"pty\", "
			 "\"data\": {\"path\": \"" LINK "\"}}}");
		leads_to(b, "c1");
		bare_qmp(b, "chardev-remove", "{\"id\": \"c1\"}");
	} else {
		leads_to(b, "c0");
		if (trial_is(t, "end", "quit")) {
			CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
		} else {
			proc_kill(&t->rig.vm.proc, SIGTERM);
			bare_ended(b, 0);
		}
	}
	CHECK(t, lstat(LINK, &st) < 0, "the link is still there");
}

CASE(pty_link_taken, .id = "pty.link-taken",
     .title = "a link whose name is taken is refused, and what has the name stays",
     .clause = "qemu/chardev/char-pty.c char_pty_open()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .lacks = link_lacks)
{
	host_file_make(t, LINK, "mine", 4);
	trial_refused(t, "-chardev pty,id=c0,path=" LINK,
		      "-chardev pty,id=c0,path=" LINK
		      ": Failed to create PTY symlink: File exists");
	host_file_is(t, LINK, "mine", 4);
}

/* char-pipe.c: without PATH.in and PATH.out, PATH itself is opened for both ways. */
CASE(pipe_single, .id = "pipe.single",
     .title = "a pipe that is one file, here a terminal, carries bytes both ways",
     .clause = "qemu/chardev/char-pipe.c qemu_chr_open_pipe()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = bare_plan)
{
	static struct terminal term;
	struct stream s;
	struct bare *b;

	terminal_make(&term, t, true);
	bare_chardev(&t->plan, "pipe,id=c0,path=%s", term.name);
	b = trial_bare(t);
	s = stream_plain(bare_adopt(b, "user", dup(term.master)));
	bare_host_opened(b, b->front, true);
	bare_exchange(b, b->front, &s, BYTES, b->front->kind == FRONT_DEBUGCON ? 0 : BYTES);
	terminal_is_restored(&term, t, "a pipe does not touch a terminal:");
}

CASE(parallel_refused, .id = "parallel.refused",
     .title = "what is no parallel port is refused as one, and stays as it was",
     .clause = "qemu/qemu-options.hx -chardev parallel; qemu/chardev/char-parallel.c",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU)
{
	host_file_make(t, "c0.port", "mine", 4);
	trial_refused(t, "-chardev parallel,id=c0,path=c0.port",
		      "-chardev parallel,id=c0,path=c0.port: not a parallel port: "
		      "Inappropriate ioctl for device");
	host_file_is(t, "c0.port", "mine", 4);
}
