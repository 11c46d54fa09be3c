/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uevents.c - verb: keep /dev/virtio-ports/NAME as udev keeps it.
 *
 * The rule: SUBSYSTEM=="virtio-ports", ATTR{name}=="?*", SYMLINK+="virtio-ports/$attr{name}".
 * The kernel announces a port before it knows the port's name, and again ("change") once it does.
 * Of several ports with one name the latest announced has the link, and when that goes, one of
 * the others gets it, as with udev links of equal priority.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"

#define CLASS	  "virtio-ports"
#define RCVBUF	  (4 << 20)
#define NAME_SIZE 1024

/**
 * struct port - a port that has a link, or would have if another port did not have it
 * @next: older port
 * @node: "vport1p2"
 * @link: cleaned name
 * @seen: found by the scan under way
 */
struct port {
	struct port *next;
	char node[64];
	char link[NAME_SIZE];
	bool seen;
};

static struct port *ports;
static const char *sys_dir = "/sys", *dev_dir = "/dev";
static FILE *log_file;

PRINTF(1, 2) static void note(const char *fmt, ...)
{
	uint64_t now = now_ms();
	va_list ap;

	if (!log_file)
		return;
	fprintf(log_file, "%llu.%03u ", (unsigned long long)now / 1000, (unsigned int)(now % 1000));
	va_start(ap, fmt);
	vfprintf(log_file, fmt, ap);
	va_end(ap);
	fputc('\n', log_file);
	fflush(log_file);
}

static void make_parents(const char *path)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", path);
	for (char *p = strchr(dir + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(dir, 0755);
		*p = '/';
	}
}

/* Point the link at the node; by rename, so that it is never missing while it changes hands. */
static void link_set(const struct port *port)
{
	char path[PATH_MAX], tmp[PATH_MAX], target[PATH_MAX];
	size_t up = 0;

	snprintf(path, sizeof(path), "%s/" CLASS "/%s", dev_dir, port->link);
	snprintf(tmp, sizeof(tmp), "%s/.chardev-helper.tmp", dev_dir);
	/* Out of every folder: a link is too short to have so many that they do not fit. */
	for (const char *p = port->link; p; p = strchr(p + 1, '/'))
		up += (size_t)snprintf(target + up, sizeof(target) - up, "../");
	snprintf(target + up, sizeof(target) - up, "%s", port->node);
	make_parents(path);
	unlink(tmp);
	if (symlink(target, tmp) || rename(tmp, path))
		note("link %s -> %s: %s", path, target, errno_name(errno));
	else
		note("link %s -> %s", path, target);
}

static void link_remove(const char *link)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" CLASS "/%s", dev_dir, link);
	if (unlink(path))
		note("unlink %s: %s", path, errno_name(errno));
	else
		note("unlink %s", path);
	/* Directories made for the link go with it, and the class's own with the last one. */
	for (char *slash = strrchr(path, '/'); slash; slash = strrchr(path, '/')) {
		*slash = '\0';
		if (!strcmp(path, dev_dir) || rmdir(path))
			break;
	}
}

static struct port *owner(const char *link)
{
	struct port *p = ports;

	while (p && strcmp(p->link, link) != 0)
		p = p->next;
	return p;
}

static void drop(struct port **slot)
{
	struct port *port = *slot, *heir;
	bool owned = owner(port->link) == port;

	*slot = port->next;
	heir = owner(port->link);
	if (owned && heir)
		link_set(heir);
	else if (owned)
		link_remove(port->link);
	free(port);
}

static struct port **find(const char *node)
{
	struct port **slot = &ports;

	while (*slot && strcmp((*slot)->node, node) != 0)
		slot = &(*slot)->next;
	return slot;
}

/* The port is there, or its name changed: read the name and see to the link. */
static void update(const char *node)
{
	char path[PATH_MAX], name[NAME_SIZE] = "", link[NAME_SIZE] = "";
	struct port **slot = find(node), *port;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/class/" CLASS "/%s/name", sys_dir, node);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, sizeof(name) - 1);
		close(fd);
	}
	if (n <= 0 || !link_clean_name(name, link, sizeof(link))) {
		if (*slot)
			drop(slot);
		return;
	}
	if (*slot && strcmp((*slot)->link, link) != 0)
		drop(slot);
	slot = find(node);
	port = *slot;
	if (port)
		*slot = port->next;
	else
		port = must_alloc(sizeof(*port));
	snprintf(port->node, sizeof(port->node), "%s", node);
	memcpy(port->link, link, sizeof(port->link));
	port->seen = true;
	port->next = ports;
	ports = port;
	link_set(port);
}

/* Make the links equal to what sysfs has now: at start, and after events were lost. */
static void scan(void)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	for (struct port *p = ports; p; p = p->next)
		p->seen = false;
	snprintf(path, sizeof(path), "%s/class/" CLASS, sys_dir);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			update(entry->d_name);
	}
	if (dir)
		closedir(dir);
	for (struct port **slot = &ports; *slot;) {
		if ((*slot)->seen)
			slot = &(*slot)->next;
		else
			drop(slot);
	}
}

static int open_socket(void)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int size = RCVBUF;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		fatal("unable to listen to uevents: %s", errno_name(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

/* One message: "ACTION@PATH\0KEY=VALUE\0KEY=VALUE\0.." */
static void handle(const char *msg, size_t len)
{
	const char *action = "", *subsystem = "", *node = "";

	for (const char *p = msg; p < msg + len; p += strlen(p) + 1) {
		if (!strncmp(p, "ACTION=", 7))
			action = p + 7;
		else if (!strncmp(p, "SUBSYSTEM=", 10))
			subsystem = p + 10;
		else if (!strncmp(p, "DEVPATH=", 8) && strrchr(p, '/'))
			node = strrchr(p, '/') + 1;
	}
	if (strcmp(subsystem, CLASS) != 0 || !*node)
		return;
	note("%s %s", action, node);
	if (strcmp(action, "remove") != 0)
		update(node);
	else if (*find(node))
		drop(find(node));
}

NORETURN static void serve(int fd)
{
	static char msg[16384];

	for (;;) {
		struct sockaddr_nl from = {0};
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, msg, sizeof(msg) - 1, 0, (struct sockaddr *)&from, &size);

		if (n < 0 && errno == ENOBUFS) {
			note("events were lost, scanning");
			scan();
		} else if (n < 0 && errno != EINTR) {
			fatal("unable to receive uevents: %s", errno_name(errno));
		} else if (n > 0 && !from.nl_pid) {
			/* from the kernel, not from some process */
			msg[n] = '\0';
			handle(msg, (size_t)n);
		}
	}
}

/**
 * verb_uevents() - uevents [--log FILE] [--once] [--sys DIR] [--dev DIR]
 *
 * Goes into the background once all ports that exist have their links, so that whoever started it
 * knows when that is. With --once it exits then.
 */
int verb_uevents(char **argv)
{
	const char *log_path = NULL;
	bool once = false;
	struct opt opts[] = {
		{.name = "log", .type = OPT_STR, .value = &log_path},
		{.name = "once", .type = OPT_FLAG, .value = &once},
		{.name = "sys", .type = OPT_STR, .value = &sys_dir},
		{.name = "dev", .type = OPT_STR, .value = &dev_dir},
	};
	int fd;

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, NULL, 0, 0);
	log_file = log_path ? fopen(log_path, "ae") : NULL;
	if (log_path && !log_file)
		fatal("unable to open %s: %s", log_path, errno_name(errno));
	/* First listen, then look: a port that comes in between is seen twice, not never. */
	fd = once ? -1 : open_socket();
	scan();
	if (once)
		return EXIT_OK;
	if (daemon(0, 0))
		fatal("unable to go into the background: %s", errno_name(errno));
	serve(fd);
}
