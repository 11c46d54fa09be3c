// SPDX-License-Identifier: GPL-2.0-or-later
/* caps_ask.c - start a QEMU without a machine and ask it what it is and has */
#include "harness/vm/caps_ask.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define PROBE_MS 10000
/* Devices whose properties cases ask for. */
static const char *const with_properties[] = {"virtio-serial*",
					      "virtserialport",
					      "virtconsole",
					      "isa-serial*",
					      "isa-debugcon",
					      "isa-parallel",
					      "pci-serial*",
					      "usb-serial",
					      "usb-braille",
					      "virtio-net-pci",
					      "intel-iommu",
					      "virtio-iommu*",
					      "vhost-user-*device*-pci",
					      NULL};

/* Append the last line that it printed, if any: that is where programs say why they cannot. */
static void add_last_words(struct caps_ask *p)
{
	struct buf said = BUF_INIT;
	char *path = xasprintf("%s/said", p->dir), *line;

	if (!buf_read_tail(&said, path, 4096))
		buf_clear(&said);
	line = text_last_line(said.data);
	buf_addstr(p->why, *line ? "; it printed: " : "; it printed nothing");
	for (size_t i = 0; line[i] && i < 300; i++)
		buf_add(p->why, line[i] >= ' ' && line[i] < 0x7f ? line + i : "?", 1);
	free(line);
	free(path);
	buf_release(&said);
}

/* One line about why it is of no use; @command: what it was asked, NULL: to open its monitor. All
 * of it is killed before it is reaped: what a script left running has no other handle. */
static void blame(struct caps_ask *p, enum qmp_result r, const char *command)
{
	bool ended = io_wait(p->proc.pidfd, POLLIN, deadline_in(r == QMP_CLOSED ? 500 : 0));

	proc_kill(&p->proc, SIGKILL);
	buf_addf(p->why, "QEMU %s cannot be used: ", p->c->path);
	if (command)
		qmp_result_text(&p->qmp, r, command, p->why);
	else if (r == QMP_TIMEOUT)
		buf_addf(p->why, "it did not open its monitor within %g s",
			 PROBE_MS / 1000.0 * deadline_scale());
	else
		buf_addstr(p->why, p->qmp.error_desc.data);
	if (ended && proc_wait(&p->proc, p->deadline)) {
		buf_addstr(p->why, "; ");
		proc_status_text(p->why, p->proc.status);
	}
	if (r != QMP_ERROR)
		add_last_words(p);
}

static void add_file_facts(struct buf *b, const char *path, const char *otherwise)
{
	struct stat st;

	buf_addf(b, "%s ", path);
	if (stat(path, &st) == 0)
		buf_addf(b, "%lld %lld.%09ld %llu\n", (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			 (unsigned long long)st.st_ino);
	else
		buf_addf(b, "%s\n", otherwise);
}

/* The files that process @pid runs code from, each once, in an order that does not vary. One whose
 * map may not be read (a program with file capabilities) shows none: then only its name counts. */
static void add_code_files(struct buf *b, pid_t pid)
{
	struct strv lines = {0}, files = {0};
	struct buf maps = BUF_INIT;
	char *path = xasprintf("/proc/%d/maps", (int)pid);

	if (!buf_read_file(&maps, path))
		buf_clear(&maps);
	strv_split(&lines, maps.data, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		/* "from-to r-xp offset dev inode   path" */
		char *perms = strchr(lines.v[i], ' '), *file = strchr(lines.v[i], '/');
		struct buf facts = BUF_INIT;

		if (!perms || !file || perms[3] != 'x' || strncmp(file, "/memfd:", 7) == 0 ||
		    strncmp(file, "/dev/", 5) == 0)
			continue;
		add_file_facts(&facts, file, perms);
		if (!strv_has(&files, facts.data))
			strv_push(&files, facts.data);
		buf_release(&facts);
	}
	strv_sort(&files);
	for (size_t i = 0; i < files.n; i++)
		buf_addstr(b, files.v[i]);
	strv_release(&lines);
	strv_release(&files);
	buf_release(&maps);
	free(path);
}

/* A number in the last answer; -1: there is none. */
static int get_number(const struct qmp *q, const char *path)
{
	char *text = qmp_get(q, path);
	unsigned long long n;
	bool good = text && text_parse_u64(text, &n) && n < 10000;

	free(text);
	return good ? (int)n : -1;
}

/* From the greeting: the version. From the process at the other end of the socket: the facts. */
static bool identify(struct caps_ask *p)
{
	struct caps *c = p->c;
	char *name = qmp_get(&p->qmp, "version.package");
	struct ucred peer;
	socklen_t len = sizeof(peer);

	c->major = get_number(&p->qmp, "version.qemu.major");
	c->minor = get_number(&p->qmp, "version.qemu.minor");
	c->micro = get_number(&p->qmp, "version.qemu.micro");
	if (c->major < 0 || c->minor < 0 || c->micro < 0) {
		free(name);
		buf_addf(p->why, "QEMU %s cannot be used: its greeting has no version", c->path);
		return false;
	}
	buf_addf(&p->facts, "%d.%d.%d", c->major, c->minor, c->micro);
	if (name && *name)
		buf_addf(&p->facts, " (%s)", name);
	free(name);
	c->version = xstrdup(p->facts.data);
	/* Not the child's pid: a script may have started QEMU as a child of its own. */
	if (getsockopt(p->qmp.fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		die_errno("getsockopt SO_PEERCRED");
	buf_addstr(&p->facts, "\n");
	add_file_facts(&p->facts, c->path, "gone");
	add_code_files(&p->facts, peer.pid);
	return true;
}

bool caps_ask_start(struct caps_ask *p, const char *scratch_dir)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	enum qmp_result r;
	char *socket_path;
	int error;

	p->proc = (struct proc)PROC_INIT;
	p->deadline = deadline_in(PROBE_MS);
	buf_init(&p->facts);
	p->dir = xasprintf("%s/caps-XXXXXX", scratch_dir);
	if (!mkdtemp(p->dir))
		die_errno("unable to make a folder in %s", scratch_dir);
	p->dir_fd = open(p->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p->dir_fd < 0)
		die_errno("unable to open %s", p->dir);
	socket_path = xasprintf("/proc/self/fd/%d/qmp", p->dir_fd);
	qmp_init(&p->qmp, socket_path, NULL);
	free(socket_path);
	/* No -accel: every build has a default one that starts without a machine. */
	strv_pushl(&argv, p->c->path, "-machine", "none", "-nodefaults", "-no-user-config",
		   "-display", "none", "-S", "-qmp", "unix:qmp", NULL);
	spec.cwd = p->dir;
	spec.out = spec.err = "said";
	error = proc_start(&p->proc, &spec);
	strv_release(&argv);
	if (error) {
		buf_addf(p->why, "QEMU %s cannot be run: %s", p->c->path, strerror(error));
		return false;
	}
	r = qmp_accept(&p->qmp, p->proc.pidfd, p->deadline);
	if (r == QMP_OK)
		return identify(p);
	blame(p, r, r == QMP_ERROR ? "qmp_capabilities" : NULL);
	return false;
}

void caps_ask_stop(struct caps_ask *p)
{
	proc_release(&p->proc);
	qmp_release(&p->qmp);
	io_close(&p->dir_fd);
	if (!file_remove_tree(p->dir))
		warn("unable to remove %s", p->dir);
	free(p->dir);
	buf_release(&p->facts);
}

/* Ask; @args: a JSON object, or NULL. An error is an answer only if @refused is there to take it.
 */
static bool ask(struct caps_ask *p, const char *command, const char *args, bool *refused)
{
	enum qmp_result r = qmp_cmd(&p->qmp, p->deadline, command, args ? "%s" : NULL, args);

	if (refused)
		*refused = r == QMP_ERROR;
	if (r == QMP_OK || (refused && *refused))
		return true;
	blame(p, r, command);
	return false;
}

/* Append member @key of every element of the last answer, behind @prefix, without @suffix; elements
 * that have no such member or suffix are left out. */
static void take_names(struct caps_ask *p, const char *key, const char *prefix, const char *suffix,
		       struct strv *list)
{
	size_t cut = strlen(suffix);
	int n = qmp_count(&p->qmp, "");

	for (int i = 0; i < n; i++) {
		char *path = xasprintf("%d.%s", i, key), *name = qmp_get(&p->qmp, path);
		size_t len = name ? strlen(name) : 0;

		if (len > cut && strcmp(name + len - cut, suffix) == 0)
			strv_pushf(list, "%s%.*s", prefix, (int)(len - cut), name);
		free(name);
		free(path);
	}
}

static bool ask_names(struct caps_ask *p, const char *command, const char *args, const char *suffix,
		      struct strv *list)
{
	if (!ask(p, command, args, NULL))
		return false;
	take_names(p, "name", "", suffix, list);
	return true;
}

/* Devices that a user may create: all concrete ones but those that "info qdm" marks. */
static bool ask_devices(struct caps_ask *p)
{
	struct strv all = {0}, lines = {0}, marked = {0};
	bool good = ask_names(p, "qom-list-types", "{\"implements\":\"device\",\"abstract\":false}",
			      "", &all);
	enum qmp_result r = good ? qmp_hmp(&p->qmp, p->deadline, "info qdm") : QMP_OK;

	if (r == QMP_TIMEOUT || r == QMP_CLOSED) {
		blame(p, r, "human-monitor-command");
		good = false;
	}
	if (good && r == QMP_OK)
		strv_split(&lines, p->qmp.answer.data, "\r\n");
	for (size_t i = 0; i < lines.n; i++) {
		char *name = strstr(lines.v[i], "name \""), *mark = strstr(lines.v[i], ", no-user");

		if (name == lines.v[i] && mark && !mark[9])
			strv_pushf(&marked, "%.*s", (int)strcspn(name + 6, "\""), name + 6);
	}
	for (size_t i = 0; good && i < all.n; i++)
		if (!strv_has(&marked, all.v[i]))
			strv_push(&p->c->devices, all.v[i]);
	strv_release(&all);
	strv_release(&lines);
	strv_release(&marked);
	return good;
}

static bool ask_properties(struct caps_ask *p)
{
	const struct strv *devices = &p->c->devices;

	for (size_t i = 0; i < devices->n; i++) {
		struct buf args = BUF_INIT;
		char *prefix = xasprintf("%s.", devices->v[i]);
		bool good = true, refused = false;

		for (size_t k = 0; with_properties[k]; k++) {
			if (fnmatch(with_properties[k], devices->v[i], 0) != 0)
				continue;
			buf_addstr(&args, "{\"typename\":");
			qmp_quote(&args, devices->v[i]);
			buf_addstr(&args, "}");
			good = ask(p, "device-list-properties", args.data, &refused);
			if (good && !refused)
				take_names(p, "name", prefix, "", &p->c->properties);
			break;
		}
		buf_release(&args);
		free(prefix);
		if (!good)
			return false;
	}
	return true;
}

bool caps_ask_all(struct caps_ask *p)
{
	struct caps *c = p->c;
	bool refused;

	if (!ask_names(p, "query-machines", NULL, "", &c->machines))
		return false;
	take_names(p, "alias", "", "", &c->machines);
	if (!ask_devices(p) || !ask_properties(p) ||
	    !ask_names(p, "query-chardev-backends", NULL, "", &c->backends) ||
	    !ask_names(p, "qom-list-types", "{\"implements\":\"accel\",\"abstract\":false}",
		       "-accel", &c->accels) ||
	    !ask(p, "netdev_add", "{\"type\":\"user\",\"id\":\"probe\"}", &refused))
		return false;
	c->slirp = !refused;
	return true;
}
