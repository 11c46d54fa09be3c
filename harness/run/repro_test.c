// SPDX-License-Identifier: GPL-2.0-or-later
/* repro_test.c - the script of a trial: what a shell makes of it, and what QEMU gets from it */
#include <unistd.h>

#include "harness/run/repro.h"
#include "harness/run/run_testing.h"

#define HOSTILE "it's a \"b\" $(touch owned) `touch owned` \\ * \xc3\xa9"

static void run_shell(const char *how, const char *path)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct buf said = BUF_INIT;
	struct proc p = PROC_INIT;

	strv_pushl(&argv, "sh", how, path, NULL);
	spec.out = spec.err = "shell.out";
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert(proc_wait(&p, deadline_in(20000)));
	ck_assert(buf_read_file(&said, "shell.out"));
	proc_status_text(&said, p.status);
	ck_assert_msg(p.status == 0, "sh %s: %s", how, said.data);
	proc_release(&p);
	buf_release(&said);
	strv_release(&argv);
}

/* The script of a trial with this plan, as file "script". */
static void write_script(struct bench *b, struct trial *t)
{
	struct buf script = BUF_INIT;

	t->spec = &b->spec;
	t->session = &b->session;
	repro_script(t, &script);
	file_write("script", script.data, script.len);
	buf_release(&script);
	run_shell("-n", "script");
}

static bool scripted(const char *text)
{
	struct buf script = BUF_INIT;
	bool found;

	ck_assert(buf_read_file(&script, "script"));
	found = strstr(script.data, text) != NULL;
	buf_release(&script);
	return found;
}

static const struct {
	enum chr_kind kind;
	enum chr_role role;
	bool input;
	const char *chardev, *connect;
} kinds[] = {
	{CHR_UNIX, CHR_QEMU_LISTENS, false, "socket,id=c0,path=c0.sock,server=on,wait=off",
	 "UNIX-CONNECT:c0.sock,shut-none"},
	{CHR_UNIX, CHR_QEMU_WAITS, false, "socket,id=c0,path=c0.sock,server=on,wait=on",
	 "UNIX-CONNECT:c0.host.sock,"},
	{CHR_UNIX, CHR_QEMU_CONNECTS, false, "socket,id=c0,path=c0.sock,server=off",
	 "UNIX-LISTEN:c0.sock UNIX-LISTEN:c0.host.sock"},
	{CHR_TCP, CHR_QEMU_LISTENS, false,
	 "socket,id=c0,host=127.0.0.1,port=23450,server=on,wait=off", "TCP:127.0.0.1:23450,"},
	{CHR_TCP, CHR_QEMU_CONNECTS, false, "socket,id=c0,host=127.0.0.1,port=23450,server=off",
	 "TCP-LISTEN:23450,bind=127.0.0.1"},
	{CHR_UDP, CHR_QEMU_LISTENS, false,
	 "udp,id=c0,host=127.0.0.1,port=23450,localaddr=127.0.0.1,localport=23451",
	 "UDP4:127.0.0.1:23451,bind=127.0.0.1:23450"},
	{CHR_PTY, CHR_QEMU_LISTENS, false, "pty,id=c0", "\"$c0_pty\",raw,echo=0"},
	{CHR_PIPE, CHR_QEMU_LISTENS, false, "pipe,id=c0,path=c0", "mkfifo c0.in c0.out"},
	{CHR_FILE, CHR_QEMU_LISTENS, false, "file,id=c0,path=c0.out", "tail -c +1 -f c0.out"},
	{CHR_FILE, CHR_QEMU_LISTENS, true, "file,id=c0,path=c0.out,input-path=c0.in",
	 "{ cat <&3 >c0.in & } 3<&0; exec tail"},
};

START_TEST(each_kind_of_backend_has_its_words)
{
	for (size_t i = 0; i < 2 * sizeof(kinds) / sizeof(*kinds); i++) {
		size_t k = i / 2;
		struct trial t = {0};
		struct bench b;

		bench_init(&b, "ok", NULL);
		t.plan.cold = i % 2;
		plan_add_chr(&t.plan, "c0", kinds[k].kind, kinds[k].role);
		t.plan.chrs[0].file_input = kinds[k].input;
		strv_push(&t.plan.devices, "virtserialport,chardev=c0");
		write_script(&b, &t);
		/* QMP takes another word for it, and so does the script. */
		ck_assert_msg(scripted(kinds[k].input && !t.plan.cold ? "\"in\": \"c0.in\""
								      : kinds[k].chardev),
			      "%s", kinds[k].chardev);
		ck_assert_msg(scripted(kinds[k].connect), "%s", kinds[k].connect);
		ck_assert(scripted(t.plan.cold ? "-device virtserialport,chardev=c0"
					       : "\"driver\": \"virtserialport\""));
		plan_release(&t.plan);
		bench_release(&b);
	}
}
END_TEST

/* The trial's own host ends and the script's are told to QEMU by different code: but for the ports
 * they say the same. */
static void add_without_ports(struct buf *b, const char *text)
{
	for (const char *at = text; *at; at++) {
		buf_add(b, at, 1);
		if (*at == '=')
			while (at[1] >= '0' && at[1] <= '9' && at[2] != '.')
				at++;
	}
}

START_TEST(the_words_are_those_of_the_trial)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		struct buf text = BUF_INIT, ours = BUF_INIT, want = BUF_INIT;
		struct chr c;

		chr_init(&c, "c0", kinds[k].kind, kinds[k].role);
		c.file_input = kinds[k].input;
		chr_cmdline(&c, &text);
		add_without_ports(&ours, text.data);
		add_without_ports(&want, kinds[k].chardev);
		ck_assert_str_eq(ours.data, want.data);
		chr_release(&c);
		buf_release(&text);
		buf_release(&ours);
		buf_release(&want);
	}
}
END_TEST

/* Programs that only write down what they get, one word a line. */
static void write_stubs(void)
{
	static const char qemu[] =
		"#!/bin/sh\nfor w; do printf '%s\\n' \"$w\"; done >\"$LOG.qemu\"\n"
		"echo \"$SAYS\" >console.log\nexec tail -f /dev/null\n";
	static const char socat[] = "#!/bin/sh\ncat >>\"$LOG.qmp\"\n"
				    "echo 'TCP[HOST_FORWARD]  13  127.0.0.1 4711 10.0.2.15 22'\n";
	static const char ssh[] =
		"#!/bin/sh\nfor w; do printf '%s\\n' \"$w\"; done >>\"$LOG.ssh\"\n";
	char *path, *here = file_absolute("."), *log = xasprintf("%s/log", here);

	file_mkdirs("bin");
	write_program("bin/qemu stub", qemu);
	write_program("bin/socat", socat);
	write_program("bin/ssh", ssh);
	path = xasprintf("%s/bin:%s", here, getenv("PATH"));
	ck_assert_int_eq(setenv("PATH", path, 1), 0);
	ck_assert_int_eq(setenv("LOG", log, 1), 0);
	ck_assert_int_eq(setenv("TMPDIR", here, 1), 0);
	/* The script heeds these; make may have exported the first. */
	ck_assert_int_eq(unsetenv("QEMU") | unsetenv("IMAGE"), 0);
	free(path);
	free(log);
	free(here);
}

static void by_hand(const struct variant *v, struct buf *script)
{
	(void)v;
	buf_addstr(script, "guest 'ls /dev/vport0p1'\n");
}

static void logged(const char *which, const char *text)
{
	char *path = xasprintf("log.%s", which);
	struct buf b = BUF_INIT;

	ck_assert(buf_read_file(&b, path));
	says(&b, text);
	free(path);
}

START_TEST(a_script_that_is_run_starts_plugs_and_moves)
{
	struct trial t = {0};
	struct bench b;

	bench_init(&b, "ok", NULL);
	write_stubs();
	free(b.fake.caps.path);
	b.fake.caps.path = xasprintf("%s/bin/qemu stub", b.session.dir);
	b.fake.image.dir = (char *)HOSTILE;
	b.fake.image.append = (char *)HOSTILE;
	b.fake.image.ready = (char *)"the $guest's ready";
	ck_assert_int_eq(setenv("SAYS", b.fake.image.ready, 1), 0);
	b.session.image = &b.fake.image;
	b.c.needs = NEEDS_GUEST;
	b.c.repro = by_hand;
	plan_add_chr(&t.plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&t.plan.devices, "virtserialport,chardev=c0,name=" HOSTILE);
	strv_pushl(&t.plan.args, "-global", HOSTILE, NULL);
	write_script(&b, &t);
	run_shell("-eux", "script");
	logged("qemu", "\n-append\n" HOSTILE "\n");
	logged("qemu", "\n-global\n" HOSTILE "\n");
	logged("qemu", "\n-qmp\nunix:qmp.sock,server=on,wait=off\n");
	logged("qmp", "chardev-add socket,id=c0,path=c0.sock,server=on,wait=off\"}}\n");
	logged("qmp",
	       "\"name\": \"it's a \\\"b\\\" $(touch owned) `touch owned` \\\\ * \xc3\xa9\"}}\n");
	logged("ssh", "-i\n" HOSTILE "/id_ed25519\n-p\n4711\n");
	logged("ssh", "\nroot@127.0.0.1\nls /dev/vport0p1\n");
	plan_release(&t.plan);
	bench_release(&b);
}
END_TEST

START_TEST(what_the_body_did_is_done_again)
{
	struct trial t = {.did = BUF_INIT};
	struct strv words = {NULL, 0};
	struct bench b;

	bench_init(&b, "ok", NULL);
	t.session = &b.session;
	trial_did(&t, "open %s", "c0");
	trial_did(&t, "open %s", "c0");
	trial_did(&t, "# en %s", "open c0");
	trial_did(&t, "open c0");
	plan_add_chr(&t.plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	t.plan.cold = t.plan.driven = true;
	write_script(&b, &t);
	ck_assert(scripted(":\nopen c0\n# en open c0\nopen c0\ntail "));
	ck_assert(scripted("2>qemu.err &"));
	ck_assert(!scripted("replay \"$(wc"));
	plan_release(&t.plan);
	buf_release(&t.did);
	/* What only refuses to start is not started before. */
	t.plan = (struct plan){0};
	strv_pushl(&words, "-chardev", HOSTILE, NULL);
	repro_refusal(&t, &words, HOSTILE "\nand more");
	write_script(&b, &t);
	ck_assert(scripted("timeout 5 \"$QEMU\""));
	ck_assert(!scripted("2>qemu.err &"));
	strv_release(&words);
	buf_release(&t.did);
	bench_release(&b);
}
END_TEST

START_TEST(what_show_prints_is_the_cold_start_and_the_rest)
{
	struct buf text = BUF_INIT;
	struct bench b;

	bench_init(&b, "ok", NULL);
	free(b.fake.caps.path);
	b.fake.caps.path = xstrdup("/q e/mu");
	repro_show(&b.session, &b.spec, &text);
	ck_assert_int_eq(strncmp(text.data, "'/q e/mu' \\\n\t-nodefaults", 23), 0);
	ck_assert_ptr_null(strstr(text.data, "plugged into"));
	buf_release(&text);
	bench_release(&b);
}
END_TEST

UNIT_TESTS(repro, each_kind_of_backend_has_its_words, the_words_are_those_of_the_trial,
	   a_script_that_is_run_starts_plugs_and_moves, what_the_body_did_is_done_again,
	   what_show_prints_is_the_cold_start_and_the_rest)
