// SPDX-License-Identifier: GPL-2.0-or-later
/* vm.c - one QEMU with our guest */
#include "harness/vm/vm.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/vm/tsc.h"

#define QMP_SOCKET "qmp.sock"
#define CONNECT_MS 10000
/* From the last that we hear of QEMU to its end. A core dump and a sanitizer's report come in
 * between, and on a busy host take seconds. */
#define END_MS	    10000
#define SSH_MS	    15000
#define STDERR_TAIL 65536

/* The name of one of its files; malloc'ed. */
static char *vm_file(const struct vm_config *config, const char *name)
{
	return xasprintf("%s%s", config->stem ? config->stem : "", name);
}

void vm_init(struct vm *vm, const struct vm_config *config)
{
	char *log = vm_file(config, VM_SSH_LOG);

	*vm = (struct vm){.config = *config, .proc = PROC_INIT};
	vm->qmp.fd = vm->qmp.listen_fd = -1;
	guest_init(&vm->guest, log);
	free(log);
}

void vm_release(struct vm *vm)
{
	guest_release(&vm->guest);
	if (vm->argv.n)
		qmp_release(&vm->qmp);
	if (!vm->config.keep)
		proc_release(&vm->proc);
	strv_release(&vm->argv);
}

/* The machine without PCI: devices are on virtio-mmio, described to the guest by ACPI. */
static bool is_microvm(const struct vm_config *c)
{
	return strcmp(c->machine, "microvm") == 0;
}

/*
 * Linux finds out how fast the time stamp counter counts by other timers. Under TCG that is the
 * host's, and the other timers are QEMU's: nobody answers for what comes out on a busy host, and
 * all trials that begin with that guest have it; a microvm with ACPI has no other timer at all (the
 * hardware reduced kind: acpi_generic_reduced_hw_init()). So it is told.
 */
static void clock_words(const struct vm_config *c, struct buf *words)
{
	bool is_tcg = c->accel && strcmp(c->accel, "tcg") == 0;

	if (is_tcg && tsc_khz())
		buf_addf(words, " tsc_early_khz=%lu", tsc_khz());
}

/* The kernel's command line. The image's begins with its console; of those that one driver has,
 * Linux takes the first: kernel/printk/printk.c try_enable_preferred_console(). */
static void kernel_words(const struct vm_config *c, struct strv *argv)
{
	static const char own[] = "console=" IMAGE_CONSOLE;
	const char *words = c->image->append;
	bool replace = c->console && strncmp(words, own, strlen(own)) == 0;
	struct buf clock = BUF_INIT;

	clock_words(c, &clock);
	strv_pushf(argv, "%s%s%s%s%s%s", replace ? "console=" : "", replace ? c->console : "",
		   words + (replace ? strlen(own) : 0), clock.data, c->append ? " " : "",
		   c->append ? c->append : "");
	buf_release(&clock);
}

static void argv_guest(const struct vm_config *c, struct strv *argv)
{
	strv_pushl(argv, "-kernel", c->image->vmlinux, "-initrd", c->image->initramfs, "-append",
		   NULL);
	kernel_words(c, argv);
	/* The guest's console in a file: nobody has to read it for the guest to go on. */
	strv_push(argv, "-chardev");
	strv_pushf(argv, "file,id=console,path=%s" VM_CONSOLE, c->stem ? c->stem : "");
	strv_pushl(argv, "-serial", "chardev:console", NULL);
	for (int i = 0; i < c->n_uarts; i++) {
		strv_push(argv, "-serial");
		strv_pushf(argv, "%s%s", c->uart[i] ? "chardev:" : "null",
			   c->uart[i] ? c->uart[i] : "");
	}
	strv_pushl(argv, "-netdev", "user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22",
		   "-device",
		   is_microvm(c) ? "virtio-net-device,netdev=net0"
				 : "virtio-net-pci,netdev=net0,romfile=,addr=0x3",
		   NULL);
}

void vm_argv(const struct vm_config *c, struct strv *argv)
{
	strv_push(argv, c->caps->path);
	if (!c->defaults)
		strv_push(argv, "-nodefaults");
	strv_pushl(argv, "-no-user-config", "-display", "none", "-no-reboot", NULL);
	strv_push(argv, "-machine");
	strv_push(argv, c->machine);
	if (c->accel)
		strv_pushl(argv, "-accel", c->accel, NULL);
	strv_push(argv, "-smp");
	strv_pushf(argv, "%d", c->smp);
	strv_push(argv, "-m");
	strv_pushf(argv, "%d", c->memory_mb);
	strv_push(argv, "-qmp");
	strv_pushf(argv, "unix:%s" QMP_SOCKET, c->stem ? c->stem : "");
	/* Not SeaBIOS: QEMU puts the initramfs at the end of memory (microvm.c's x86_load_linux()
	 * leaves no room), and so does SeaBIOS the ACPI tables that describe the devices. */
	if (is_microvm(c))
		strv_pushl(argv, "-bios", "qboot.rom", NULL);
	if (c->image)
		argv_guest(c, argv);
}

/* The command line as it was, one word a line, quoted for a shell. */
static void write_argv(const char *name, const struct strv *argv)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < argv->n; i++) {
		text_quote_sh(&text, argv->v[i]);
		buf_addstr(&text, "\n");
	}
	file_write(name, text.data, text.len);
	buf_release(&text);
}

bool vm_launch(struct vm *vm, const struct strv *extra, const int *pass, int n_pass,
	       struct buf *why)
{
	char *words = vm_file(&vm->config, VM_ARGV), *socket = vm_file(&vm->config, QMP_SOCKET);
	char *log = vm_file(&vm->config, VM_QMP_LOG);
	char *out = vm_file(&vm->config, VM_OUT), *err = vm_file(&vm->config, VM_ERR);
	struct proc_spec spec = PROC_SPEC(&vm->argv);
	int error;

	vm_argv(&vm->config, &vm->argv);
	if (extra)
		strv_append(&vm->argv, extra);
	write_argv(words, &vm->argv);
	qmp_init(&vm->qmp, socket, log);
	spec.out = out;
	spec.err = err;
	spec.survive = vm->config.keep;
	if (vm->config.has_terminal) {
		spec.stdin_fd = vm->config.terminal[0];
		spec.stdout_fd = vm->config.terminal[1];
		spec.controlled = vm->config.controlled;
	}
	for (int i = 0; i < n_pass; i++)
		spec.pass[spec.n_pass++] = pass[i];
	error = proc_start(&vm->proc, &spec);
	if (error)
		buf_addf(why, "unable to start %s: %s", vm->argv.v[0], strerror(error));
	free(err);
	free(out);
	free(log);
	free(socket);
	free(words);
	return error == 0;
}

/* The line of a sanitizer's report (ASan ends QEMU, UBSan goes on); malloc'ed, NULL: none. */
static char *sanitizer_line(const struct vm *vm)
{
	static const char *const marks[] = {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
					    "runtime error:", "WARNING: ThreadSanitizer"};
	struct buf err = BUF_INIT;
	char *line = NULL, *name = vm_file(&vm->config, VM_ERR);

	if (!buf_read_file(&err, name))
		die_errno("unable to read %s", name);
	free(name);
	for (size_t i = 0; !line && i < sizeof(marks) / sizeof(*marks); i++) {
		char *at = strstr(err.data, marks[i]);

		if (!at)
			continue;
		at[strcspn(at, "\n")] = '\0';
		while (at > err.data && at[-1] != '\n')
			at--;
		line = xstrdup(at);
	}
	buf_release(&err);
	return line;
}

void vm_end_text(struct vm *vm, struct buf *why)
{
	struct buf err = BUF_INIT;
	char *last = sanitizer_line(vm), *name = vm_file(&vm->config, VM_ERR);

	if (!last && !buf_read_tail(&err, name, STDERR_TAIL))
		buf_addstr(&err, "(its stderr cannot be read)");
	if (!last)
		last = text_last_line(err.data);
	buf_addstr(why, "QEMU ended: ");
	proc_status_text(why, vm->proc.status);
	if (*last)
		buf_addf(why, "; its last words: %s", last);
	free(name);
	free(last);
	buf_release(&err);
}

bool vm_alive(struct vm *vm, struct buf *why)
{
	if (!vm->proc.pid || vm->quit || !proc_poll(&vm->proc))
		return true;
	vm_end_text(vm, why);
	return false;
}

bool vm_await_end(struct vm *vm)
{
	return vm->proc.pid && proc_wait(&vm->proc, deadline_in(END_MS));
}

void vm_qmp_trouble(struct vm *vm, enum qmp_result r, const char *command, struct buf *why)
{
	if (r == QMP_CLOSED)
		(void)vm_await_end(vm); /* whether it has ended is asked below */
	if (vm_alive(vm, why))
		qmp_result_text(&vm->qmp, r, command, why);
}

bool vm_connect(struct vm *vm, struct buf *why)
{
	enum qmp_result r = qmp_accept(&vm->qmp, vm->proc.pidfd, deadline_in(CONNECT_MS));

	if (r != QMP_OK)
		vm_qmp_trouble(vm, r, "start", why);
	else
		vm->pid = qmp_peer(&vm->qmp);
	return r == QMP_OK;
}

bool vm_await_rest(struct vm *vm, struct deadline d)
{
	for (;;) {
		pid_t parent;
		char state;

		if (!proc_stat(vm->pid, &state, &parent) || (state != 'R' && state != 'D'))
			return true;
		if (deadline_passed(d))
			return false;
		sched_yield();
	}
}

/* Is @text in the file, behind the first @from bytes? */
static bool file_says(const struct vm *vm, const char *name, size_t from, const char *text)
{
	struct buf content = BUF_INIT;
	char *path = vm_file(&vm->config, name);
	bool found = buf_read_file(&content, path) && content.len >= from &&
		     strstr(content.data + from, text);

	free(path);
	buf_release(&content);
	return found;
}

static bool console_says(const struct vm *vm, const char *text)
{
	return file_says(vm, VM_CONSOLE, vm->console_from, text);
}

void vm_forget_console(struct vm *vm)
{
	char *path = vm_file(&vm->config, VM_CONSOLE);
	struct stat st;

	if (stat(path, &st) < 0)
		die_errno("%s", path);
	vm->console_from = (size_t)st.st_size;
	free(path);
}

bool vm_lacks_firmware(struct vm *vm)
{
	if (!is_microvm(&vm->config) || !proc_poll(&vm->proc) ||
	    !file_says(vm, VM_ERR, 0, "could not load PC BIOS"))
		return false;
	vm->quit = true;
	vm->want_status = vm->proc.status;
	return true;
}

static void boot_trouble(struct vm *vm, struct buf *why)
{
	struct buf text = BUF_INIT;
	char *last, *name;

	if (proc_poll(&vm->proc)) {
		vm_end_text(vm, why);
		return;
	}
	name = vm_file(&vm->config, VM_CONSOLE);
	if (!buf_read_tail(&text, name, STDERR_TAIL))
		buf_addstr(&text, "(nothing)");
	free(name);
	last = text_last_line(text.data);
	buf_addf(why, "the guest did not get ready; the last line on its console: %s",
		 *last ? last : "(nothing)");
	free(last);
	buf_release(&text);
}

/* Let one batch of inotify events go; what they say is looked up in the file itself. */
static void inotify_drain(int fd)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(fd, events, sizeof(events)) > 0)
		;
}

/* Wait until @met(vm, text): asked again whenever a file in our folder changes. False: QEMU ended,
 * or the deadline passed. */
static bool await_files(struct vm *vm, bool (*met)(struct vm *vm, const char *text),
			const char *text, struct deadline d)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
				{.fd = vm->proc.pidfd, .events = POLLIN}};
	bool ended = false, yes;

	if (fd < 0 || inotify_add_watch(fd, ".", IN_MODIFY | IN_CREATE) < 0)
		die_errno("inotify");
	while (!(yes = met(vm, text)) && !ended && io_poll(fds, 2, d)) {
		inotify_drain(fd);
		ended = fds[1].revents != 0;
	}
	close(fd);
	return yes;
}

static bool booted_or_failed(struct vm *vm, const char *unused)
{
	(void)unused;
	return console_says(vm, vm->config.image->ready) ||
	       console_says(vm, vm->config.image->failed);
}

static bool said(struct vm *vm, const char *text)
{
	return file_says(vm, VM_ERR, 0, text) || file_says(vm, VM_OUT, 0, text);
}

static bool on_console(struct vm *vm, const char *text)
{
	return console_says(vm, text);
}

bool vm_await_console(struct vm *vm, const char *text, struct deadline d)
{
	return await_files(vm, on_console, text, d);
}

bool vm_await_words(struct vm *vm, const char *text, struct deadline d)
{
	return await_files(vm, said, text, d);
}

bool vm_await_boot(struct vm *vm, struct deadline d, struct buf *why)
{
	await_files(vm, booted_or_failed, NULL, d);
	if (console_says(vm, vm->config.image->ready))
		return true;
	if (console_says(vm, vm->config.image->failed))
		die("the guest image is broken: see %s; 'make image' makes it again", VM_CONSOLE);
	boot_trouble(vm, why);
	return false;
}

bool vm_await_restore(struct vm *vm, struct deadline d, struct buf *why)
{
	enum qmp_result r = qmp_cmd(&vm->qmp, d, "query-status", NULL);
	char *status = r == QMP_OK ? qmp_get(&vm->qmp, "status") : NULL;
	bool running = status && strcmp(status, "running") == 0;

	free(status);
	/* A guest that ran before QMP was negotiated did so without an event. */
	if (r == QMP_OK && !running)
		r = qmp_event(&vm->qmp, d, "RESUME", NULL, NULL);
	if (r != QMP_OK)
		vm_qmp_trouble(vm, r, "-incoming", why);
	return r == QMP_OK;
}

/* "  TCP[HOST_FORWARD]  13  127.0.0.1 41183  10.0.2.15  22" in HMP's info usernet. */
static int forwarded_port(const char *usernet)
{
	const char *at = strstr(usernet, "[HOST_FORWARD]");
	int port;

	return at && sscanf(at, "[HOST_FORWARD] %*d %*s %d", &port) == 1 ? port : 0;
}

bool vm_ssh(struct vm *vm, struct buf *why)
{
	struct deadline d = deadline_in(SSH_MS);
	enum qmp_result r = qmp_hmp(&vm->qmp, d, "info usernet");

	if (r != QMP_OK) {
		vm_qmp_trouble(vm, r, "info usernet", why);
		return false;
	}
	vm->ssh_port = forwarded_port(vm->qmp.answer.data);
	if (!vm->ssh_port) {
		buf_addstr(why, "info usernet names no forwarded port");
		return false;
	}
	if (guest_connect(&vm->guest, vm->ssh_port, vm->config.image->key,
			  vm->config.image->host_key, vm->proc.pidfd, d))
		return true;
	if (proc_poll(&vm->proc))
		vm_end_text(vm, why);
	else
		buf_addf(why, "ssh to the guest: %s", vm->guest.error.data);
	return false;
}

bool vm_quit(struct vm *vm, struct buf *why)
{
	struct deadline d = deadline_in(END_MS);
	enum qmp_result r;
	char *report;

	if (!vm_alive(vm, why))
		return false;
	vm->quit = true;
	r = qmp_cmd(&vm->qmp, d, "quit", NULL);
	if (r == QMP_ERROR || r == QMP_TIMEOUT) {
		qmp_result_text(&vm->qmp, r, "quit", why);
		return false;
	}
	if (!proc_wait(&vm->proc, d)) {
		buf_addstr(why, "QEMU did not end in time after QMP quit");
		return false;
	}
	report = sanitizer_line(vm);
	if (report) {
		buf_addf(why, "QEMU's stderr has a sanitizer report: %s", report);
		free(report);
		return false;
	}
	if (!WIFEXITED(vm->proc.status) || WEXITSTATUS(vm->proc.status) != 0) {
		vm_end_text(vm, why);
		return false;
	}
	return true;
}
