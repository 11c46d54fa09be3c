/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm_testing.h - what unit tests share that start build/fake-qemu in the place of QEMU
 */
#ifndef VM_VM_TESTING_H
#define VM_VM_TESTING_H

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"
#include "harness/vm/vm.h"

/** fake_qemu() - The fake QEMU that lies beside the unit tests, absolute; malloc'ed */
static inline char *fake_qemu(void)
{
	char *self = file_absolute("/proc/self/exe"), *fake;

	ck_assert_ptr_nonnull(self);
	*strrchr(self, '/') = '\0';
	fake = xasprintf("%s/fake-qemu", self);
	ck_assert_msg(file_exists(fake), "%s has not been built", fake);
	free(self);
	return fake;
}

/** fake_does() - What those do that are started from now on: see fake_qemu.c */
static inline void fake_does(const char *mode)
{
	ck_assert_int_eq(setenv("FAKE_QEMU", mode, 1), 0);
}

static inline void write_program(const char *path, const char *text)
{
	file_write(path, text, strlen(text));
	ck_assert_int_eq(chmod(path, 0755), 0);
}

/**
 * struct fake - A build under test that is the fake, and how it is started
 * @image:	an image of names only; @config has it when a test wants a guest
 */
struct fake {
	struct caps caps;
	struct image image;
	struct vm_config config;
};

static inline void fake_init(struct fake *f, const char *mode)
{
	fake_does(mode);
	*f = (struct fake){.image = {.dir = (char *)"/no/image",
				     .vmlinux = (char *)"/no/image/vmlinux",
				     .initramfs = (char *)"/no/image/initramfs",
				     .key = (char *)"key",
				     .host_key = (char *)"host.pub",
				     .hash = (char *)"1mag3",
				     .append = (char *)"console=ttyS0 quiet",
				     .ready = (char *)"the guest is ready",
				     .failed = (char *)"the guest failed:"}};
	caps_init(&f->caps);
	f->caps.path = fake_qemu();
	f->caps.version = xstrdup("10.0.0 (fake)");
	f->caps.identity = xstrdup("1d");
	f->caps.major = 10;
	f->config = (struct vm_config){.caps = &f->caps,
				       .machine = "pc",
				       .smp = 1,
				       .memory_mb = VM_MEMORY_MB};
}

static inline void fake_release(struct fake *f)
{
	caps_release(&f->caps);
}

/** says() - @b has @text; emptied for the next */
static inline void says(struct buf *b, const char *text)
{
	ck_assert_msg(strstr(b->data, text) != NULL, "not '%s' but: %s", text, b->data);
	buf_release(b);
}

#endif
