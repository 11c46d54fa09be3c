// SPDX-License-Identifier: GPL-2.0-or-later
/* session_test.c - what a build lacks, how QEMU is started, and what ends a run before it begins */
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/run/run_testing.h"
#include "harness/run/session.h"
#include "harness/selftest/forked.h"

static const char *const axes[] = {"device", "backend", NULL};

static const char *lacks_more(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps->major < 11 ? "needs QEMU 11" : NULL;
}

static void plan_machine(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->machine = "q35,graphics=off";
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtserialport,chardev=c0");
}

/* A build that has all that the trial of @b needs. */
static void have_all(struct bench *b)
{
	struct caps *c = &b->fake.caps;

	bench_init(b, "ok", NULL);
	c->slirp = true;
	strv_pushl(&c->machines, "pc", "q35", NULL);
	strv_pushl(&c->devices, "isa-serial", "virtio-serial-pci", "virtserialport", NULL);
	strv_pushl(&c->backends, "socket", "udp", NULL);
	b->c.needs = NEEDS_GUEST;
	b->c.axes = axes;
	b->c.plan = plan_machine;
	b->spec.variant.value[0] = "isa-serial";
	b->spec.variant.value[1] = "unix";
}

static void check_lacks(struct bench *b, const char *want)
{
	char *lacks = session_lacks(&b->session, &b->spec);

	if (want)
		ck_assert_str_eq(lacks, want);
	else
		ck_assert_ptr_null(lacks);
	free(lacks);
	bench_release(b);
}

START_TEST(what_is_missing_is_named)
{
	struct bench b;

	have_all(&b);
	check_lacks(&b, NULL);
	have_all(&b);
	b.fake.caps.slirp = false;
	check_lacks(&b, "this QEMU has no user networking (slirp), which ssh to the guest needs");
	have_all(&b);
	b.fake.caps.slirp = false;
	b.c.needs = NEEDS_QEMU; /* there is no guest to reach */
	check_lacks(&b, NULL);
	have_all(&b);
	b.spec.variant.value[0] = "pci-serial";
	check_lacks(&b, "this QEMU has no device pci-serial");
	have_all(&b);
	strv_release(&b.fake.caps.backends);
	strv_push(&b.fake.caps.backends, "udp");
	check_lacks(&b, "this QEMU has no chardev backend socket"); /* which unix is one of */
	have_all(&b);
	b.spec.variant.value[1] = "tcp";
	check_lacks(&b, NULL);
	have_all(&b);
	b.c.lacks = lacks_more;
	check_lacks(&b, "needs QEMU 11");
	have_all(&b);
	b.c.lacks = lacks_more;
	b.c.needs = 0; /* no build is asked */
	strv_release(&b.fake.caps.machines);
	check_lacks(&b, NULL);
}
END_TEST

START_TEST(what_the_plan_wants_and_is_missing_is_named)
{
	struct bench b;

	have_all(&b);
	strv_release(&b.fake.caps.machines);
	strv_push(&b.fake.caps.machines, "pc");
	check_lacks(&b, "this QEMU has no machine q35");
	have_all(&b);
	strv_release(&b.fake.caps.machines);
	strv_push(&b.fake.caps.machines, "q35");
	b.c.plan = NULL;
	check_lacks(&b, "this QEMU has no machine pc");
	have_all(&b);
	strv_release(&b.fake.caps.devices);
	strv_pushl(&b.fake.caps.devices, "isa-serial", "virtio-serial-pci", NULL);
	check_lacks(&b, "this QEMU has no device virtserialport");
}
END_TEST

START_TEST(a_failure_is_expected_where_cases_conf_says_so)
{
	struct bench b;

	have_all(&b);
	ck_assert(!session_expects_failure(&b.session, &b.spec));
	b.spec.expect_reason = (char *)"a known bug";
	b.spec.expect_versions = (char *)"qemu<10.1";
	ck_assert(session_expects_failure(&b.session, &b.spec));
	b.spec.expect_versions = (char *)"qemu<10.0";
	ck_assert(!session_expects_failure(&b.session, &b.spec));
	b.spec.expect_versions = (char *)"";
	ck_assert(session_expects_failure(&b.session, &b.spec));
	b.session.caps = NULL; /* no build was asked: only what holds for all of them */
	ck_assert(session_expects_failure(&b.session, &b.spec));
	b.spec.expect_versions = (char *)"qemu<10.1";
	ck_assert(!session_expects_failure(&b.session, &b.spec));
	/* The reference device fails as the QEMU that it is like; the strict one never. */
	b.session.reference = "strict";
	ck_assert(!session_expects_failure(&b.session, &b.spec));
	b.session.reference = "qemu-10.0";
	b.session.like = &(const struct caps){.major = 10};
	ck_assert(session_expects_failure(&b.session, &b.spec));
	b.session.like = &(const struct caps){.major = 11, .minor = 1};
	ck_assert(!session_expects_failure(&b.session, &b.spec));
	bench_release(&b);
}
END_TEST

START_TEST(a_plan_is_how_qemu_is_started)
{
	const struct plan plan = {.machine = "q35",
				  .smp = 4,
				  .append = "x",
				  .n_uarts = 2,
				  .uart = {NULL, "c1", "not counted"}};
	struct vm_config c;
	struct bench b;

	have_all(&b);
	b.session.image = &b.fake.image;
	b.session.accel = "tcg";
	c = session_config(&b.session, &plan, true);
	ck_assert(c.caps == &b.fake.caps && c.image == &b.fake.image && !c.keep);
	ck_assert_str_eq(c.accel, "tcg");
	ck_assert_str_eq(c.machine, "q35");
	ck_assert_str_eq(c.append, "x");
	ck_assert(c.smp == 4 && c.n_uarts == 2 && c.memory_mb == VM_MEMORY_MB);
	ck_assert(!c.uart[0] && strcmp(c.uart[1], "c1") == 0 && !c.uart[2]);
	ck_assert_ptr_null(session_config(&b.session, &plan, false).image);
	c = session_config(&b.session, NULL, true);
	ck_assert_str_eq(c.machine, "pc");
	ck_assert(c.smp == 1 && !c.append && !c.n_uarts);
	bench_release(&b);
}
END_TEST

/** struct opening - A session that is opened */
struct opening {
	struct options o;
	const char *qemu;
	const struct trial_spec *spec;
	bool with_warm;
};

static void open_it(void *arg)
{
	const struct opening *a = arg;
	struct session_parts p;

	session_open(&p, &a->o, a->qemu, &a->spec, 1, a->with_warm);
	printf("accel %s, image %s, cache %s, again: %s\n",
	       p.session.accel ? p.session.accel : "none",
	       p.session.image ? p.session.image->hash : "none", p.session.cache ? "yes" : "none",
	       p.rerun_prefix);
	session_close(&p);
}

static void refused(struct opening *a, int status, const char *text)
{
	struct forked f;

	forked_call(&f, open_it, a);
	ck_assert_int_eq(f.status, status);
	ck_assert_ptr_eq(strchr(f.err.data, '\n'), f.err.data + f.err.len - 1);
	says(&f.err, text);
	forked_release(&f);
}

static void opens(struct opening *a, const char *text)
{
	struct forked f;

	forked_call(&f, open_it, a);
	ck_assert_msg(f.status == 0, "%s", f.err.data);
	says(&f.out, text);
	forked_release(&f);
}

/* An image that loads. */
static void write_image(void)
{
	static const char conf[] = "hash=1mag3\nappend=quiet\nready=the guest is ready\nfailed=no\n"
				   "kernel=6.1\nkernel_file=k\nflavour=cloud\npassword=p\n";
	static const char key[] = "-----END OPENSSH PRIVATE KEY-----\n";

	file_mkdirs("image");
	file_write("image/image.conf", conf, sizeof(conf) - 1);
	file_write("image/id_ed25519", key, sizeof(key) - 1);
	file_write("image/k", "x", 1);
	file_write("image/initramfs", "x", 1);
	file_write("image/host_key.pub", "x", 1);
}

START_TEST(a_session_has_what_its_trials_need)
{
	struct opening a = {.o = {.build = ".", .image = "image"}, .with_warm = true};
	struct bench b;

	bench_init(&b, "console=the guest is ready", NULL);
	write_image();
	a.spec = &b.spec;
	a.qemu = "/no/such/qemu";
	opens(&a, "accel none, image none, cache none"); /* nobody asks for one */
	a.qemu = b.fake.caps.path;
	b.c.needs = NEEDS_QEMU;
	opens(&a, "accel none, image none, cache yes");
	b.c.needs = NEEDS_GUEST;
	opens(&a, "accel tcg, image 1mag3, cache yes");
	opens(&a, "QEMU 10.0.0 (fake console=the guest is ready), accelerator tcg (");
	a.with_warm = false; /* a look only: nothing is started for it */
	opens(&a, "accel tcg, image 1mag3, cache yes");
	a.o.accel = "kvm";
	opens(&a, "accel kvm, image 1mag3");
	bench_release(&b);
}
END_TEST

START_TEST(what_makes_no_sense_ends_it_with_one_line)
{
	struct opening a = {.o = {.build = ".", .image = "image"}, .with_warm = true};
	struct bench b;

	bench_init(&b, "ok", NULL);
	a.spec = &b.spec;
	b.c.needs = NEEDS_GUEST;
	a.qemu = "/no/such/qemu";
	refused(&a, EXIT_USAGE, "/no/such/qemu cannot be run: No such file or directory");
	a.qemu = "true";
	refused(&a, EXIT_BROKEN, "cannot be used: QEMU ended before it opened its monitor");
	a.qemu = b.fake.caps.path;
	refused(&a, EXIT_BROKEN, "guest image: no folder image");
	write_image();
	a.o.accel = "xen";
	refused(&a, EXIT_USAGE, "no accelerator is called xen: kvm or tcg");
	a.o.accel = "tcg";
	fake_does("refuse=migrate;console=the guest is ready");
	refused(&a, EXIT_BROKEN, "the guest that all trials start from cannot be made: QMP migr");
	a.o.fault = "read:lose@1";
	refused(&a, EXIT_USAGE, "no such fault: read:lose@1");
	bench_release(&b);
}
END_TEST

START_TEST(the_line_that_runs_it_again_has_makes_variables)
{
	struct opening a = {.o = {.build = "."}, .qemu = "/my builds/qemu's"};
	struct bench b;

	bench_init(&b, "ok", NULL);
	a.spec = &b.spec;
	/* What make may have exported to us. */
	ck_assert_int_eq(unsetenv("MODULES") | unsetenv("KERNEL") | unsetenv("SUITE"), 0);
	ck_assert_int_eq(setenv("FLAVOUR", "cloud", 1), 0);
	opens(&a, "again: make check QEMU='/my builds/qemu'\\''s'\n");
	ck_assert_int_eq(setenv("SUITE", "bullseye", 1), 0);
	opens(&a, " SUITE=bullseye\n");
	ck_assert_int_eq(unsetenv("SUITE"), 0);
	ck_assert_int_eq(setenv("FLAVOUR", "generic", 1) | setenv("KERNEL", "a b", 1), 0);
	a.o.strict = true;
	a.o.qemu_to = "/to";
	opens(&a, " QEMU_TO=/to KERNEL='a b' FLAVOUR=generic STRICT=1\n");
	ck_assert_int_eq(unsetenv("FLAVOUR") | unsetenv("KERNEL"), 0);
	a.o = (struct options){.build = ".",
			       .accel = "tcg",
			       .seconds = 5,
			       .fault = "read:drop@1+1",
			       .target = "reference!tx-flip"};
	deadline_set_scale(2.5);
	opens(&a, " ACCEL=tcg TIMEOUT_SCALE=2.5 TIME=5 FAULT=read:drop@1+1 "
		  "TARGET='reference!tx-flip'\n");
	bench_release(&b);
}
END_TEST

UNIT_TESTS(session, what_is_missing_is_named, what_the_plan_wants_and_is_missing_is_named,
	   a_failure_is_expected_where_cases_conf_says_so, a_plan_is_how_qemu_is_started,
	   a_session_has_what_its_trials_need, what_makes_no_sense_ends_it_with_one_line,
	   the_line_that_runs_it_again_has_makes_variables)
