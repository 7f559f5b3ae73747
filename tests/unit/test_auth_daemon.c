/* SPDX-License-Identifier: ISC */
/*
 * The daemon as a whole, over its socket and through auth_client: set-up,
 * signing in, tokens, minting, ending; foreign bytes; a restart in between.
 */
#include "config.h"

#include "auth_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auth/client.h"
#include "auth/serve.h"
#include "auth/store.h"
#include "base/message.h"

static char dir[] = "/tmp/mollymawk-test.XXXXXX";
static char state_dir[64], path[64], secret[64];
static pid_t daemon_pid;
static struct auth_client *client;

/* Starts the daemon; reads the set-up secret when it prints one. */
static void
daemon_start(void)
{
	const char *top = getenv("top_builddir");
	char program[512], line[256] = "";
	struct timespec moment = { 0, 20 * 1000 * 1000 };
	int out[2];
	FILE *file;

	snprintf(program, sizeof(program), "%s/mollymawk-auth",
	    top == NULL ? "." : top);
	assert_int_equal(pipe(out), 0);
	daemon_pid = fork();
	assert_true(daemon_pid >= 0);
	if (daemon_pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execl(program, program, "serve", "--dir", state_dir,
		    "--socket", path, "--public-url", "http://127.0.0.1/",
		    (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	file = fdopen(out[0], "r");
	assert_non_null(file);
	/* At most 20 s for a machine that is busy with other tests. */
	for (int i = 0; i < 1000; i++) {
		int fd = message_connect(path);

		if (fd >= 0) {
			close(fd);
			break;
		}
		assert_int_equal(waitpid(daemon_pid, NULL, WNOHANG), 0);
		nanosleep(&moment, NULL);
	}
	if (secret[0] == '\0') {
		assert_non_null(fgets(line, sizeof(line), file));
		assert_int_equal(sscanf(line, "To make the first administrator,"
		    " open http://127.0.0.1/setup#secret=%63s", secret), 1);
	}
	fclose(file);
}

static void
daemon_stop(void)
{
	int status;

	assert_int_equal(kill(daemon_pid, SIGTERM), 0);
	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int
setup(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(state_dir, sizeof(state_dir), "%s/auth", dir);
	snprintf(path, sizeof(path), "%s/auth.sock", dir);
	daemon_start();
	client = auth_client_new(path);
	return client == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	auth_client_free(client);
	daemon_stop();
	directory_remove(state_dir);
	directory_remove(dir);
	return 0;
}

static struct json_object *
object(const char *text)
{
	struct fault f = { 0 };
	struct json_object *o = json_parse(text, strlen(text), &f);

	assert_non_null(o);
	return o;
}

static int
call(const char *op, const struct auth_who *who, const char *args,
	struct json_object **reply)
{
	struct fault f = { 0 };

	return auth_call(client, op, who, args == NULL ? NULL : object(args),
	    reply, &f);
}

static void
first_administrator(void **state)
{
	struct json_object *o;
	char args[256];

	assert_int_equal(call("setup-status", NULL, NULL, &o), 0);
	assert_string_equal(text_at(o, "needed"), "true");
	json_object_put(o);
	assert_int_equal(call("setup", NULL, "{\"secret\":\"wrong\",\"email\":"
	    "\"root@example.org\",\"name\":\"root\",\"password\":\"" PASSWORD
	    "\"}", NULL), ERR_FORBIDDEN);
	snprintf(args, sizeof(args), "{\"secret\":\"%s\",\"email\":"
	    "\"root@example.org\",\"name\":\"Root\",\"password\":\"" PASSWORD
	    "\"}", secret);
	assert_int_equal(call("setup", NULL, args, &o), 0);
	assert_string_equal(text_at(o, "user.name"), "root");
	assert_string_equal(text_at(o, "user.admin"), "true");
	json_object_put(o);
	/* Once. */
	assert_int_equal(call("setup", NULL, args, NULL), ERR_FORBIDDEN);
	assert_int_equal(call("setup-status", NULL, NULL, &o), 0);
	assert_string_equal(text_at(o, "needed"), "false");
	json_object_put(o);
}

/* The access token of a new session; owned. */
static char *
sign_in(void)
{
	struct json_object *o;
	char *access;

	assert_int_equal(call("login", NULL, "{\"email\":\"root@example.org\","
	    "\"password\":\"" PASSWORD "\"}", &o), 0);
	access = strdup(text_at(o, "access"));
	json_object_put(o);
	return access;
}

static void
mint_something(const struct auth_who *who)
{
	struct auth_mint m;
	struct alb_command c;
	struct fault f = { 0 };

	alb_command_init(&c, ALB_UNIKERNEL_INFO);
	assert_int_equal(auth_mint(client, who, "box", "root", "", &c, &m,
	    &f), 0);
	assert_string_equal(m.host, "127.0.0.1");
	assert_int_equal(m.port, 1025);
	assert_int_equal(m.chain.ncerts, 2);
	assert_true(m.chain.key.size > 0);
	assert_int_equal(m.policy.memory, 64);
	auth_mint_free(&m);
	assert_int_equal(auth_mint(client, who, "nowhere", "root", "", &c, &m,
	    &f), ERR_NOT_FOUND);
	assert_int_equal(m.chain.ncerts, 0);
}

static void
grant_whole_way(const struct auth_who *maker)
{
	char made[AUTH_GRANT_SIZE];
	const struct auth_who who = { .bearer = made };
	struct auth_grant grant;
	struct alb_command c;
	struct auth_mint m;
	struct fault f = { 0 };

	assert_int_equal(auth_grant_make(client, maker, "box", "root", "web",
	    made, &f), 0);
	assert_memory_equal(made, AUTH_GRANT_PREFIX,
	    strlen(AUTH_GRANT_PREFIX));
	alb_command_init(&c, ALB_UNIKERNEL_RESTART);
	assert_int_equal(auth_mint(client, &who, "box", "root", "web", &c, &m,
	    &f), 0);
	auth_mint_free(&m);
	assert_int_equal(auth_authorize(client, &who, "unikernel:deploy",
	    "box", "root", "web", &grant, &f), 0);
	assert_string_equal(grant.names, "web");
	assert_true(grant.expires > time(NULL) + 86000);
	assert_int_equal(call("whoami", &who, NULL, NULL), ERR_FORBIDDEN);
	assert_int_equal(auth_grant_end(client, made, &f), 0);
	assert_int_equal(auth_grant_end(client, made, &f),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(auth_grant_make(client, maker, "nowhere", "root",
	    "web", made, &f), ERR_NOT_FOUND);
}

static void
standing_whole_way(const struct auth_who *person)
{
	char standing[AUTH_GRANT_SIZE], made[AUTH_GRANT_SIZE];
	const struct auth_who away = { .bearer = standing };
	struct fault f = { 0 };
	time_t expires;

	assert_int_equal(auth_standing_make(client, person, "updates", "box",
	    "root", "web", standing, &expires, &f), 0);
	assert_true(expires > time(NULL) + 364 * 86400);
	assert_int_equal(auth_grant_make(client, &away, "box", "root", "web",
	    made, &f), 0);
	assert_int_equal(auth_grant_end(client, made, &f), 0);
	assert_int_equal(auth_grant_make(client, &away, "box", "root", "api",
	    made, &f), ERR_FORBIDDEN);
	assert_int_equal(call("whoami", &away, NULL, NULL), ERR_FORBIDDEN);
	assert_int_equal(auth_standing_make(client, &away, "notices", NULL,
	    NULL, NULL, made, &expires, &f), ERR_FORBIDDEN);
	assert_int_equal(auth_grant_end(client, standing, &f), 0);
	assert_int_equal(auth_standing_make(client, person, "notices", NULL,
	    NULL, NULL, standing, &expires, &f), 0);
	assert_int_equal(call("whoami", &away, NULL, NULL), 0);
	assert_int_equal(auth_grant_end(client, standing, &f), 0);
	assert_int_equal(auth_standing_make(client, person, "updates", "box",
	    NULL, NULL, standing, &expires, &f), ERR_INVALID);
}

static void
whole_way(void **state)
{
	char *access = sign_in(), *certificate, *key, bearer[64];
	struct auth_who who = { .cookie = access, .address = "192.0.2.7" };
	struct auth_who ci = { .bearer = bearer };
	struct auth_grant grant;
	struct json_object *o = json_object_new_object();
	struct fault f = { 0 };

	ca_pem(&certificate, &key);
	json_add_str(o, "name", "box");
	json_add_str(o, "host", "127.0.0.1");
	json_add_int(o, "port", 1025);
	json_add_str(o, "certificate", certificate);
	json_add_str(o, "key", key);
	assert_int_equal(auth_call(client, "instance-add", &who, o, NULL, &f),
	    0);
	assert_int_equal(call("policy-set", &who, "{\"project\":\"root\","
	    "\"instance\":\"box\",\"policy\":{\"unikernels\":1,\"memory\":64,"
	    "\"cpus\":[0],\"bridges\":[]}}", NULL), 0);
	assert_int_equal(call("token-create", &who, "{\"name\":\"ci\","
	    "\"scopes\":[\"unikernel:read\"],\"expires_in\":3600,"
	    "\"unikernels\":[\"web*\",\"api\"]}", &o), 0);
	snprintf(bearer, sizeof(bearer), "%s", text_at(o, "secret"));
	json_object_put(o);
	assert_int_equal(auth_authorize(client, &ci, "unikernel:read", "box",
	    "root", "web", &grant, &f), 0);
	assert_string_equal(grant.user_name, "root");
	assert_int_equal(strlen(grant.token), 36);
	assert_true(grant.expires > time(NULL) + 3500);
	assert_true(auth_grant_covers(&grant, "web-1"));
	assert_true(auth_grant_covers(&grant, "api"));
	assert_false(auth_grant_covers(&grant, "db"));
	assert_int_equal(auth_authorize(client, &who, "unikernel:read", NULL,
	    NULL, NULL, &grant, &f), 0);
	assert_true(auth_grant_covers(&grant, "db"));
	mint_something(&who);
	mint_something(&ci);
	assert_int_equal(auth_authorize(client, &ci, "unikernel:deploy", "box",
	    "root", "web", &grant, &f), ERR_FORBIDDEN);
	grant_whole_way(&who);
	standing_whole_way(&who);
	/* Both at once: nobody could say who acts. */
	ci.cookie = access;
	assert_int_equal(call("whoami", &ci, NULL, NULL),
	    ERR_TWO_CREDENTIALS);
	free(certificate);
	free(key);
	free(access);
}

static void
logout_at_once(void **state)
{
	char *access = sign_in();
	struct auth_who who = { .cookie = access };

	assert_int_equal(call("whoami", &who, NULL, NULL), 0);
	assert_int_equal(call("logout", &who, NULL, NULL), 0);
	assert_int_equal(call("whoami", &who, NULL, NULL),
	    ERR_UNAUTHENTICATED);
	free(access);
}

/* A restart breaks the idle connection; sessions and client go on. */
static void
restart_is_survived(void **state)
{
	char *access = sign_in();
	struct auth_who who = { .cookie = access };

	daemon_stop();
	assert_int_equal(call("whoami", &who, NULL, NULL), ERR_AUTHORITY);
	daemon_start();
	assert_int_equal(call("whoami", &who, NULL, NULL), 0);
	daemon_stop();
	daemon_start();
	assert_int_equal(call("whoami", &who, NULL, NULL), 0);
	free(access);
}

#define PROJECTS 1500

/* More than one message holds; into the same database, as they are many. */
static void
projects_add(char first)
{
	struct database *store;
	struct fault f = { 0 };
	struct db *d;
	char name[64];

	assert_int_equal(store_open(state_dir, &store, &f), 0);
	d = database_write_begin(store, &f);
	assert_non_null(d);
	for (int i = 0; i < PROJECTS; i++) {
		snprintf(name, sizeof(name), "%c%04d-%057d", first, i, 0);
		assert_int_equal(db_run(d, "INSERT INTO project (id, name,"
		    " title, personal, created) VALUES (?, ?, '', 0, 0)",
		    "tt", name, name), 0);
	}
	assert_int_equal(database_write_end(store, 0, &f), 0);
	database_close(store);
}

/* Without anybody's credential: what there is, and what may be read of it. */
static void
service_watches(void **state)
{
	struct alb_command c;
	struct auth_mint m;
	struct fault f = { 0 };
	struct json_object *o, *list;
	char at[32];

	alb_command_init(&c, ALB_STATS_SUBSCRIBE);
	assert_int_equal(auth_mint(client, NULL, "box", NULL, "", &c, &m, &f),
	    0);
	assert_int_equal(m.chain.ncerts, 1);
	auth_mint_free(&m);
	assert_int_equal(auth_mint(client, NULL, "box", "root", "", &c, &m,
	    &f), ERR_FORBIDDEN);
	alb_command_init(&c, ALB_UNIKERNEL_RESTART);
	assert_int_equal(auth_mint(client, NULL, "box", "root", "web", &c, &m,
	    &f), ERR_FORBIDDEN);
	projects_add('p');
	assert_int_equal(auth_watch_list(client, &o, &f), 0);
	list = json_member(o, "projects", json_type_array);
	assert_string_equal(text_at(o, "instances.0.name"), "box");
	assert_true(int_at(o, "revision") > 0);
	assert_true(json_object_array_length(list) > PROJECTS);
	for (int i = 0; i < PROJECTS; i += 100) {
		char name[8];

		snprintf(at, sizeof(at), "projects.%d.name", i);
		snprintf(name, sizeof(name), "p%04d", i);
		assert_memory_equal(text_at(o, at), name, 5);
	}
	json_object_put(o);
}

/* Nor does a list of all fail for whoever sees many. */
static void
many_projects_are_listed(void **state)
{
	char *access = sign_in();
	const struct auth_who who = { .cookie = access };
	struct json_object *list;
	struct fault f = { 0 };

	projects_add('q');
	assert_int_equal(auth_all(client, &who, "project-list", NULL, &list,
	    &f), 0);
	assert_true(json_object_array_length(list) > PROJECTS);
	for (size_t i = 1; i < json_object_array_length(list); i++)
		assert_true(strcmp(json_member_text(json_object_array_get_idx(
		    list, i - 1), "name", 63), json_member_text(
		    json_object_array_get_idx(list, i), "name", 63)) < 0);
	json_object_put(list);
	free(access);
}

static void
wrong_requests_are_answered(void **state)
{
	struct json_object *big = json_object_new_object();
	struct fault f = { 0 };
	char *text = calloc(1, MESSAGE_MAX + 1);

	assert_int_equal(call("nothing", NULL, NULL, NULL), ERR_BAD_REQUEST);
	assert_int_equal(call("login", NULL, "{\"email\":\"a@b\"}", NULL),
	    ERR_INVALID);
	assert_int_equal(call("login", NULL, "{\"email\":\"a@b\","
	    "\"password\":\"x\",\"more\":1}", NULL), ERR_INVALID);
	assert_int_equal(call("login", NULL, "{\"email\":1,"
	    "\"password\":\"x\"}", NULL), ERR_INVALID);
	memset(text, 'x', MESSAGE_MAX);
	json_add_str(big, "email", text);
	free(text);
	assert_int_equal(auth_call(client, "login", NULL, big, NULL, &f),
	    ERR_TOO_LARGE);
	assert_int_equal(call("setup-status", NULL, NULL, NULL), 0);
}

/* Headers and paths need not be UTF-8; then they name nothing. */
static void
wrong_encodings_are_answered(void **state)
{
	char *access = sign_in();
	struct auth_who who = { .cookie = access, .user_agent = "\xff" };
	struct auth_who bad = { .cookie = "\xc3(" };
	struct auth_grant grant;
	struct fault f = { 0 };

	assert_int_equal(call("whoami", &who, NULL, NULL), 0);
	assert_int_equal(call("whoami", &bad, NULL, NULL),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(auth_authorize(client, &who, "unikernel:read",
	    "\xff", NULL, NULL, &grant, &f), ERR_NOT_FOUND);
	free(access);
}

/* Bytes that are no message end the connection, and nothing else. */
static void
foreign_bytes_end_the_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} foreign[] = {
		{ "\xff\xff\xff\xff", 4 },
		{ "\0\0\0\0", 4 },
		{ "\0\4\0\1", 4 },
		{ "GET / HTTP/1.1\r\n\r\n", 18 },
		{ "\0\0\0\2[]", 6 },
		{ "\0\0\0\x20{\"op\":\"whoami\",\"op\":\"revision\"}", 36 },
		{ "\0\0\0\x11{'op':'revision'}", 21 },
		{ "\0\0\0\x08{\"a\":NaN}", 13 },
	};
	char reply;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		int fd = message_connect(path);

		assert_true(fd >= 0);
		assert_int_equal(send(fd, foreign[i].bytes, foreign[i].len,
		    MSG_NOSIGNAL), foreign[i].len);
		shutdown(fd, SHUT_WR);
		assert_true(recv(fd, &reply, 1, 0) <= 0);
		close(fd);
	}
	assert_int_equal(call("revision", NULL, NULL, NULL), 0);
}

static void
connections_are_bounded(void **state)
{
	int fds[SERVE_CONNECTIONS + 1];
	struct json_object *o;
	int n = 0;

	for (; n < SERVE_CONNECTIONS; n++) {
		fds[n] = message_connect(path);
		assert_true(fds[n] >= 0);
	}
	/* The client holds one already: the last of these is one too many. */
	o = message_receive(fds[n - 1], 5000);
	assert_non_null(o);
	assert_string_equal(text_at(o, "error.code"), "busy");
	json_object_put(o);
	while (n > 0)
		close(fds[--n]);
	assert_int_equal(call("revision", NULL, NULL, NULL), 0);
}

static void
socket_is_for_the_group(void **state)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

/* Somebody else who can reach the socket is not answered. */
static void
other_users_are_refused(void **state)
{
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chmod(path, 0666), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct json_object *o = json_object_new_object();
		int fd;

		if (setuid(65534) < 0)
			_exit(1);
		fd = message_connect(path);
		json_add_str(o, "op", "revision");
		if (fd < 0 || message_send(fd, o) < 0)
			_exit(0);
		_exit(message_receive(fd, 5000) == NULL ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(path, 0660), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_administrator),
		cmocka_unit_test(whole_way),
		cmocka_unit_test(logout_at_once),
		cmocka_unit_test(restart_is_survived),
		cmocka_unit_test(service_watches),
		cmocka_unit_test(many_projects_are_listed),
		cmocka_unit_test(wrong_requests_are_answered),
		cmocka_unit_test(wrong_encodings_are_answered),
		cmocka_unit_test(foreign_bytes_end_the_connection),
		cmocka_unit_test(connections_are_bounded),
		cmocka_unit_test(socket_is_for_the_group),
		cmocka_unit_test(other_users_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
