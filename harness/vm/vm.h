/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm.h - one QEMU with our guest: started cold or from a saved state, and judged when it ends
 *
 * Everything lies in the current folder (the trial's): qmp.sock, console.log, qemu.out, qemu.err,
 * qmp.log, ssh.log. QEMU is started there too, so paths stay short and two runs never meet.
 */
#ifndef VM_VM_H
#define VM_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"
#include "harness/base/proc.h"
#include "harness/host/qmp.h"
#include "harness/vm/caps.h"
#include "harness/vm/guest.h"
#include "harness/vm/image.h"

/* The files of a QEMU in its folder, behind its stem. */
#define VM_CONSOLE "console.log"
#define VM_OUT	   "qemu.out"
#define VM_ERR	   "qemu.err"
#define VM_ARGV	   "argv"
#define VM_QMP_LOG "qmp.log"
#define VM_SSH_LOG "ssh.log"

/* Enough for the cloud kernel, the image and a helper that holds nothing big. */
#define VM_MEMORY_MB 192

/* COM2 to COM4; COM1 is the guest's console. */
#define VM_UARTS 3
/* For vm_await_boot(), milliseconds: the generic kernel under a load of 13 on two cores: 16 s */
#define VM_BOOT_MS 45000

/**
 * struct vm_config - What to start
 * @caps:	the build under test
 * @accel:	"kvm" or "tcg"; NULL: the build's own default
 * @image:	NULL: no guest, just QEMU
 * @machine:	"pc", "q35", or "microvm", which has virtio-mmio instead of PCI
 * @smp:	virtual CPUs
 * @memory_mb:	guest memory
 * @append:	more words for the kernel's command line; NULL: none
 * @console:	the kernel's console instead of the image's ("ttyS1,115200"); NULL: the image's. The
 *		line that tells that the guest is ready comes on the image's in any case
 * @n_uarts:	more isa-serial beside the console's, ttyS1 and so on
 * @uart:	the chardev of each of them; NULL: null. A saved state does not depend on it
 * @keep:	it is to outlive us
 * @defaults:	with the devices that QEMU makes unless it is told not to
 * @stem:	what the names of its files begin with ("2."), where two run in one folder; NULL:
 *		nothing
 * @has_terminal, @terminal: its stdin and stdout, if they are not /dev/null and VM_OUT
 * @controlled:	that is its controlling terminal (see proc.h)
 */
struct vm_config {
	const struct caps *caps;
	const char *accel;
	const struct image *image;
	const char *machine;
	int smp;
	int memory_mb;
	const char *append, *console;
	int n_uarts;
	const char *uart[VM_UARTS];
	bool keep;
	const char *stem;
	bool defaults, has_terminal, controlled;
	int terminal[2];
};

/**
 * struct vm - One QEMU
 * @argv:	how it was started
 * @proc:	its process, or that of a script in front of it
 * @pid:	its own process, once it has connected
 * @qmp:	its monitor
 * @guest:	ssh to its guest
 * @console_from: what the console said before this offset is past
 * @ssh_port:	on 127.0.0.1, chosen by the kernel; 0: not known yet
 * @quit:	it was told to end: its end is no surprise
 * @want_status: the wait status that it then has to have
 */
struct vm {
	struct vm_config config;
	struct strv argv;
	struct proc proc;
	pid_t pid;
	struct qmp qmp;
	struct guest guest;
	size_t console_from;
	int ssh_port;
	bool quit;
	int want_status;
};

void vm_init(struct vm *vm, const struct vm_config *config);
/** vm_release() - Kill QEMU if it still runs (unless config.keep), free everything */
void vm_release(struct vm *vm);

/** vm_argv() - The command line that every trial of this configuration shares */
void vm_argv(const struct vm_config *config, struct strv *argv);

/** vm_launch() - Start QEMU with vm_argv() and @extra behind it; @pass: descriptors that it
 * inherits. Nothing is waited for. False: one line in @why */
bool vm_launch(struct vm *vm, const struct strv *extra, const int *pass, int n_pass,
	       struct buf *why);
/** vm_connect() - Take QEMU's QMP connection. False: QEMU ended, hangs, or talks nonsense: @why */
bool vm_connect(struct vm *vm, struct buf *why);
/** vm_await_boot() - Wait for the image's ready line on the console. False: @why, its last line */
bool vm_await_boot(struct vm *vm, struct deadline d, struct buf *why);
/** vm_forget_console() - The guest starts anew: what its console has said is past, for
 * vm_await_boot() and vm_await_console() */
void vm_forget_console(struct vm *vm);
/** vm_await_console() - Wait until @text stands on the guest's console; false: QEMU ended, or the
 * deadline passed */
bool vm_await_console(struct vm *vm, const char *text, struct deadline d);
/** vm_await_words() - Wait until QEMU has written @text to stdout or stderr; false: it ended, or
 * the deadline passed */
bool vm_await_words(struct vm *vm, const char *text, struct deadline d);
/** vm_await_restore() - Wait until a saved state is loaded and the guest runs */
bool vm_await_restore(struct vm *vm, struct deadline d, struct buf *why);
/** vm_ssh() - Learn the port and connect. False: @why */
bool vm_ssh(struct vm *vm, struct buf *why);

/** vm_await_rest() - Wait until its main loop sleeps: there is nothing left that it would do by
 * itself at this moment, a hang-up (hup_source in qemu/chardev/char-socket.c, of lower priority
 * than whatever is to be read) included. Its timers and what its threads do may wake it later.
 * False: the deadline passed */
bool vm_await_rest(struct vm *vm, struct deadline d);

/** vm_quit() - End QEMU by QMP quit: exit status 0, no sanitizer report. False: @why */
bool vm_quit(struct vm *vm, struct buf *why);
/** vm_lacks_firmware() - It did not start, for this QEMU was installed without the firmware that
 * its machine boots with (x86_bios_rom_init() in qemu/hw/i386/x86-common.c). That counts as an end
 * that was wanted */
bool vm_lacks_firmware(struct vm *vm);
/** vm_alive() - It runs; false, and its end in @why, when it has ended without being told to */
bool vm_alive(struct vm *vm, struct buf *why);
/** vm_await_end() - Wait for the end of a QEMU that is about to end: it was told to, has closed a
 * connection of ours, or has said that it gives up. False: it goes on */
bool vm_await_end(struct vm *vm);
/** vm_qmp_trouble() - Append what became of a QMP command or event that is not QMP_OK: QEMU's end,
 * if it comes with that, for it explains more; else qmp_result_text() */
void vm_qmp_trouble(struct vm *vm, enum qmp_result r, const char *command, struct buf *why);
/** vm_end_text() - Append how QEMU ended, with the last line of its stderr */
void vm_end_text(struct vm *vm, struct buf *why);

#endif
