// SPDX-License-Identifier: GPL-2.0-or-later
/* fops_process.c - the calls of a script that other processes make, and what the driver counts */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"

#define DEBUGFS "/sys/kernel/debug/virtio-ports/"

/** struct told - what a child found out, and what passed the nodes meanwhile */
struct told {
	char result[FOPS_RESULT];
	uint64_t got[FOPS_PORTS], sent[FOPS_PORTS];
};

static pid_t keeper;
static int keeper_fd = -1;

static int status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* child CALL..: the call is made by a child that ends then */
static void call_child(struct fops_call *c)
{
	struct fops_call inner = {.n = c->n - 1};
	struct told told = {.result = "(nothing)"};
	ssize_t n;
	pid_t pid;
	int p[2];

	memcpy(inner.word, c->word + 1, (size_t)inner.n * sizeof(inner.word[0]));
	if (!inner.n || pipe2(p, O_CLOEXEC))
		tap_bail("child: what, or no pipe");
	pid = fork();
	if (!pid) {
		fops_run(&inner);
		memcpy(told.result, inner.result, sizeof(told.result));
		for (int i = 0; i < FOPS_PORTS; i++) {
			told.got[i] = fops_ports[i].got;
			told.sent[i] = fops_ports[i].sent;
		}
		_exit(!write_all(p[1], &told, sizeof(told)));
	}
	close(p[1]);
	n = read(p[0], &told, sizeof(told));
	close(p[0]);
	if (pid < 0 || n != sizeof(told) || status_of(pid)) {
		fops_result(c, "the child fails");
		return;
	}
	for (int i = 0; i < FOPS_PORTS; i++) {
		fops_ports[i].got = told.got[i];
		fops_ports[i].sent = told.sent[i];
	}
	memcpy(c->result, told.result, sizeof(c->result));
}

/* keep: a child that has all descriptors as well, until keep-no-more */
static void call_keep(struct fops_call *c)
{
	char byte;
	int p[2];

	if (pipe2(p, O_CLOEXEC))
		tap_bail("pipe: %s", errno_name(errno));
	keeper = fork();
	if (!keeper) {
		close(p[1]);
		_exit(read(p[0], &byte, 1) != 0);
	}
	close(p[0]);
	keeper_fd = p[1];
	fops_result(c, "%s", keeper < 0 ? errno_name(errno) : "ok");
}

static void call_keep_no_more(struct fops_call *c)
{
	close(keeper_fd);
	fops_result(c, "%s", status_of(keeper) ? "it failed" : "ok");
}

/* exec SLOT: does a program that is started have it, too? */
static void call_exec(struct fops_call *c)
{
	char number[16], self[] = "/proc/self/exe", verb[] = "has-fd";
	char *argv[] = {self, verb, number, NULL};
	int status;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", fops_slot(c, 1)->fd);
	pid = fork();
	if (!pid) {
		execv(self, argv);
		_exit(EXIT_SYSTEM);
	}
	status = status_of(pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) <= EXIT_NOT_OK)
		fops_result(c, "%s", WEXITSTATUS(status) ? "closed" : "open");
	else
		fops_result(c, "status %d", status);
}

/** verb_has_fd() - has-fd N: status 0 if that descriptor is open, 1 if it is not */
int verb_has_fd(char **argv)
{
	const char *text = NULL;

	opt_parse(NULL, 0, argv, &text, 1, 1);
	return fcntl((int)strtol(text, NULL, 10), F_GETFD) < 0 ? EXIT_NOT_OK : EXIT_OK;
}

/* The driver's file of a port has its node's name, to which @path is a link. A console's terminal
 * is hvcN for its number N + 1 ("console_vtermno", from 1 on since Linux 4.18). */
static FILE *open_debugfs(const char *path)
{
	char file[320], node[64];
	const char *hvc = strstr(path, "/hvc");
	ssize_t n = readlink(path, node, sizeof(node) - 1);
	struct dirent *e;
	FILE *f = NULL;
	DIR *dir;

	node[n > 0 ? n : 0] = '\0';
	if (!hvc) {
		snprintf(file, sizeof(file), DEBUGFS "%s",
			 strrchr(node, '/') ? strrchr(node, '/') : "");
		return fopen(file, "re");
	}
	dir = opendir(DEBUGFS);
	while (dir && !f && (e = readdir(dir))) {
		char text[512] = "", want[48];

		snprintf(file, sizeof(file), DEBUGFS "%s", e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(file, "re");
		snprintf(want, sizeof(want), "console_vtermno: %ld\n",
			 strtol(hvc + 4, NULL, 10) + 1);
		if (f && fread(text, 1, sizeof(text) - 1, f) && strstr(text, want)) {
			rewind(f);
		} else if (f) {
			fclose(f);
			f = NULL;
		}
	}
	if (dir)
		closedir(dir);
	return f;
}

/* debugfs PORT KEY: what the driver says of a port */
static void call_debugfs(struct fops_call *c)
{
	uint64_t port = fops_number(c, 1);
	size_t len = strlen(c->word[2]);
	char line[256];
	FILE *f;

	if (port >= FOPS_PORTS || !fops_ports[port].path)
		tap_bail("debugfs: there is no port %s", c->word[1]);
	f = open_debugfs(fops_ports[port].path);
	fops_result(c, "%s", f ? "no such line" : "no such file");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, c->word[2], len) && !strncmp(line + len, ": ", 2))
			fops_result(c, "%.100s", line + len + 2);
	}
	if (f)
		fclose(f);
}

/* icount SLOT: "TX RX LOST", as a UART's driver counts bytes; lost are overruns and errors */
static void call_icount(struct fops_call *c)
{
	struct serial_icounter_struct n;

	if (ioctl(fops_slot(c, 1)->fd, TIOCGICOUNT, &n))
		fops_result(c, "%s", errno_name(errno));
	else
		fops_result(c, "%d %d %d", n.tx, n.rx,
			    n.overrun + n.buf_overrun + n.frame + n.parity + n.brk);
}

/** fops_run_process() - make a call, if it is one of these */
bool fops_run_process(struct fops_call *c)
{
	if (!strcmp(c->word[0], "child"))
		call_child(c);
	else if (!strcmp(c->word[0], "keep"))
		call_keep(c);
	else if (!strcmp(c->word[0], "keep-no-more"))
		call_keep_no_more(c);
	else if (!strcmp(c->word[0], "exec"))
		call_exec(c);
	else if (!strcmp(c->word[0], "debugfs") && c->n == 3)
		call_debugfs(c);
	else if (!strcmp(c->word[0], "icount"))
		call_icount(c);
	else
		return false;
	return true;
}
