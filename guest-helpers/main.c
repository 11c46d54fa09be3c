/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - chardev-helper: one static program that does the guest's half of a test. */
#include <stdio.h>
#include <string.h>

#include "helper.h"

static const struct {
	const char *name;
	int (*fn)(char **argv);
	const char *help;
} verbs[] = {
	{"send", verb_send, "write a seeded payload to a device node"},
	{"recv", verb_recv, "read a seeded payload from a device node and judge it"},
	{"duplex", verb_duplex, "send and recv at once on one descriptor"},
	{"payload", verb_payload, "print a seeded payload"},
	{"cksum", verb_cksum, "POSIX cksum of a file or of standard input"},
	{"wait-path", verb_wait_path, "wait until a path is there and resolves"},
	{"wait-gone", verb_wait_gone, "wait until a path is gone"},
	{"uevents", verb_uevents, "keep /dev/virtio-ports as udev would (daemon)"},
	{"loop", verb_loop, "read or write round after round, the node opened anew for each"},
	{"entropy", verb_entropy, "make random numbers available at once"},
	{"outb", verb_outb, "write text to an I/O port"},
	{"hold", verb_hold, "be in the middle of using a node when it goes away"},
	{"fops", verb_fops, "call by call, as the script on standard input says"},
	{"has-fd", verb_has_fd, "end with status 0 if the descriptor is open"},
	{"copy", verb_copy, "copy from one node to another, whatever happens to either"},
	{"agent", verb_agent, "be a SPICE guest agent, and tell what comes"},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *to)
{
	fputs("usage: chardev-helper VERB [OPTION..] [OPERAND..]\n", to);
	for (size_t i = 0; i < N_VERBS; i++)
		fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].help);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help")) {
		print_help(stdout);
		return EXIT_OK;
	}
	for (size_t i = 0; i < N_VERBS; i++) {
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].fn(argv + 1);
	}
	usage_error("unknown verb '%s'", argv[1]);
}
