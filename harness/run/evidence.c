// SPDX-License-Identifier: GPL-2.0-or-later
/* evidence.c - what is left of a trial that did not pass */
#include "harness/run/evidence.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/repro.h"

#define COLLECT_MS 5000
#define FILE_MAX   (16 << 20) /* bytes: more than any log has, less than a guest's memory */

bool evidence_wanted(const struct session *session, enum verdict verdict)
{
	return session->keep_all || session->keep_guest ||
	       (verdict != VERDICT_PASS && verdict != VERDICT_SKIP);
}

/* QEMU's own view: chardevs and device tree. */
static void collect_state(struct trial *t)
{
	static const char *const lines[] = {"info status", "info chardev", "info qtree"};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		if (qmp_hmp(&t->latest->vm.qmp, deadline_in(COLLECT_MS), "%s", lines[i]) !=
		    QMP_OK) {
			buf_addf(&text, "(qemu) %s: no answer\n", lines[i]);
			break;
		}
		buf_addf(&text, "(qemu) %s\n%s\n", lines[i], t->latest->vm.qmp.answer.data);
	}
	file_write("qemu-state.txt", text.data, text.len);
	buf_release(&text);
}

/* A guest that is stopped does not answer. */
static bool guest_runs(struct trial *t)
{
	struct qmp *q = &t->latest->vm.qmp;
	char *running;
	bool runs;

	if (qmp_cmd(q, deadline_in(COLLECT_MS), "query-status", NULL) != QMP_OK)
		return false;
	running = qmp_get(q, "running");
	runs = running && strcmp(running, "true") == 0;
	free(running);
	return runs;
}

static void collect_dmesg(struct trial *t)
{
	struct buf text = BUF_INIT;

	if (!guest_runs(t))
		buf_addstr(&text, "(the guest does not run)\n");
	else if (guest_run(&t->latest->vm.guest, &text, deadline_in(COLLECT_MS), "dmesg") != 0)
		buf_addf(&text, "\n(the guest gave no more: %s)\n", t->latest->vm.guest.error.data);
	file_write("dmesg.txt", text.data, text.len);
	buf_release(&text);
}

void evidence_from_guest(struct trial *t, enum verdict verdict)
{
	struct vm *vm = &t->latest->vm;
	struct buf why = BUF_INIT;

	if (evidence_wanted(t->session, verdict) && vm->proc.pid && !vm->quit &&
	    vm_alive(vm, &why)) {
		collect_state(t);
		if (guest_connected(&vm->guest))
			collect_dmesg(t);
	}
	buf_release(&why);
}

static void write_first_bytes(const struct chr *c)
{
	char *sent = xasprintf("%s.sent.bin", c->id),
	     *received = xasprintf("%s.received.bin", c->id);

	if (c->first_sent.len)
		file_write(sent, c->first_sent.data, c->first_sent.len);
	if (c->first_received.len)
		file_write(received, c->first_received.data, c->first_received.len);
	free(sent);
	free(received);
}

void evidence_begin(struct trial *t)
{
	struct buf script = BUF_INIT;

	repro_script(t, &script);
	file_write("repro.sh", script.data, script.len);
	if (chmod("repro.sh", 0755) < 0)
		die_errno("unable to make repro.sh executable");
	buf_release(&script);
}

/* A guest's state and its disk are made again by who runs the trial again; of a nightly run of some
 * builds they would fill the host. */
static void drop_big_files(void)
{
	DIR *dir = opendir(".");
	const struct dirent *e;

	if (!dir)
		die_errno("unable to read the trial's folder");
	while ((e = readdir(dir))) {
		struct stat st;
		char *line;

		if (lstat(e->d_name, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= FILE_MAX)
			continue;
		if (unlink(e->d_name) < 0)
			die_errno("unable to remove %s", e->d_name);
		line = xasprintf("not kept: %s, %lld bytes\n", e->d_name, (long long)st.st_size);
		file_append(TRIAL_LOG, line, strlen(line));
		free(line);
	}
	closedir(dir);
}

void evidence_write(struct trial *t, enum verdict verdict)
{
	if (!evidence_wanted(t->session, verdict))
		return;
	if (t->did.len) /* by now it is known what */
		evidence_begin(t);
	for (size_t i = 0; i < t->rig.n_chrs; i++)
		write_first_bytes(&t->rig.chrs[i]);
	if (!t->session->keep_guest)
		drop_big_files();
}

void evidence_print_reach(const struct trial *t)
{
	const struct vm *vm = &t->latest->vm;

	if (!vm->proc.pid || vm->proc.ended) {
		printf("no guest was left running\n");
		return;
	}
	printf("the guest was left running: QEMU is process %d; 'kill %d' ends it\n",
	       (int)vm->proc.pid, (int)vm->proc.pid);
	if (vm->ssh_port)
		printf("  ssh -i %s -p %d -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
		       "root@127.0.0.1\n",
		       vm->config.image->key, vm->ssh_port);
	fflush(stdout);
}
