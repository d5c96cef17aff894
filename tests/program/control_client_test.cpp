#include "control_fixture.hpp"
#include "program/control/client.hpp"
#include "program/control/remote.hpp"

#include <sstream>
#include <thread>

using namespace beamline;
using namespace beamline::program::control;
using namespace beamline::program::control::testing;

namespace {

/// A node in a var folder, and what `beamline remote` does with it.
struct remote_fixture {
  running_server s;
  std::string out, err;

  remote_fixture() {
    s.verbs.add("text", "answers for people", {}, [](const json&, answer a) {
      a.ok({{"text", "two\nlines"}, {"n", 2}});
    });
    s.verbs.add("count", "streams", {needs("to", "the last number", argument::type::integer)},
                [](const json& arguments, answer a) {
                  for (int i = 1; i <= arguments["to"].get<int>(); ++i)
                    a.item({{"n", i}, {"text", "number " + std::to_string(i)}});
                  a.ok({{"text", "done"}});
                },
                {.is_stream = true});
    s.verbs.add("fail", "fails with details", {}, [](const json&, answer a) {
      a.fail({errc::busy, "the queue is full"}, {{"queue", 7}});
    });
  }

  int run(remote_arguments args) {
    std::ostringstream o, e;
    if (args.node.empty())
      args.node = s.dir.path.string();
    auto status = remote(args, s.time, o, e);
    out = o.str();
    err = e.str();
    return status;
  }
};

/// A listener that sends `text` to whoever connects, and closes.
struct scripted_node {
  temporary_dir dir;
  result<socket_file> file = socket_file::listen(dir.path);
  std::thread thread;

  explicit scripted_node(std::string text) {
    thread = std::thread{[fd = file->take_listener(), text = std::move(text)] {
      descriptor listener{fd};
      pollfd one{fd, POLLIN, 0};
      if (::poll(&one, 1, patience_ms) != 1)
        return;
      descriptor peer{::accept(fd, nullptr, nullptr)};
      char request[1024];
      (void)!::recv(peer.get(), request, sizeof request, 0);
      (void)!::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
    }};
  }
  ~scripted_node() { thread.join(); }

  error failure() {
    auto got = ask(dir.path / socket_name, {.verb = "help"}, system_clock{});
    REQUIRE_FALSE(got.ok());
    return got.error();
  }
};

}  // namespace

TEST_CASE("remote prints text for people, indented JSON where there is none, and with --json the result as it came") {
  remote_fixture f;
  CHECK(f.run({.verb = "text"}) == exit_answered);
  CHECK(f.out == "two\nlines\n");
  CHECK(f.run({.verb = "text", .as_json = true}) == exit_answered);
  CHECK(f.out == "{\"n\":2,\"text\":\"two\\nlines\"}\n");
  CHECK(f.run({.verb = "echo", .words = {"x", "3"}}) == exit_answered);
  CHECK(f.out == "{\n  \"times\": 3,\n  \"word\": \"x\"\n}\n");
  CHECK(f.err.empty());
}

TEST_CASE("remote takes the arguments as words or as one JSON object") {
  remote_fixture f;
  CHECK(f.run({.verb = "echo", .words = {R"({"word":"a b","times":2})"}, .as_json = true}) == exit_answered);
  CHECK(f.out == "{\"times\":2,\"word\":\"a b\"}\n");
  CHECK(f.run({.verb = "echo", .words = {"a b", "2"}, .as_json = true}) == exit_answered);
  CHECK(f.out == "{\"times\":2,\"word\":\"a b\"}\n");
  CHECK(f.run({.verb = "echo", .words = {"{broken"}}) == exit_misused);
  CHECK(contains(f.err, "error: the arguments are not a JSON object"));
  CHECK(f.run({.verb = "echo", .words = std::vector<std::string>(17, "x")}) == exit_misused);
  CHECK(f.run({.verb = "echo", .words = {std::string(request_bytes_max, 'x')}}) == exit_refused);
  CHECK(contains(f.err, "at most 65536 are taken"));
}

TEST_CASE("remote without a verb lists the verbs") {
  remote_fixture f;
  CHECK(f.run({}) == exit_answered);
  CHECK(contains(f.out, "echo WORD [TIMES]"));
}

TEST_CASE("remote prints the items of a stream as they come, then the answer") {
  remote_fixture f;
  CHECK(f.run({.verb = "count", .words = {"2"}}) == exit_answered);
  CHECK(f.out == "number 1\nnumber 2\ndone\n");
  CHECK(f.run({.verb = "count", .words = {"1"}, .as_json = true}) == exit_answered);
  CHECK(f.out == "{\"n\":1,\"text\":\"number 1\"}\n{\"text\":\"done\"}\n");
}

TEST_CASE("a refusal goes to the error stream with status 1, with --json as JSON with its details") {
  remote_fixture f;
  CHECK(f.run({.verb = "fail"}) == exit_refused);
  CHECK(f.out.empty());
  CHECK(f.err == "error: the queue is full\n");
  CHECK(f.run({.verb = "fail", .as_json = true}) == exit_refused);
  CHECK(f.err == "{\"code\":\"busy\",\"details\":{\"queue\":7},\"message\":\"the queue is full\"}\n");
  CHECK(f.run({.verb = "ehco"}) == exit_refused);
  CHECK(contains(f.err, "did you mean echo?"));
}

TEST_CASE("the time that remote gives the answer is kept by the node") {
  remote_fixture f;
  CHECK(f.run({.verb = "keep", .timeout_s = 0.02}) == exit_refused);
  CHECK(contains(f.err, "no answer in time"));
  for (double bad : {0.0, -1.0, 601.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK(f.run({.verb = "text", .timeout_s = bad}) == exit_misused);
  CHECK(contains(f.err, "--timeout must be from 0.001 to 600 seconds"));
}

TEST_CASE("a node that does not run has status 3, and what runs beside it is named") {
  temporary_dir var;
  std::ostringstream out, err;
  system_clock time;
  auto run = [&](std::string node) {
    err.str("");
    return remote({.node = std::move(node), .var = var.path}, time, out, err);
  };
  CHECK(run("accumulator_1") == exit_no_node);
  CHECK(contains(err.str(), "no node accumulator_1 is running here (" + var.path.string()));
  CHECK(contains(err.str(), "--dir"));
  CHECK(run(var.path.string()) == exit_no_node);
  CHECK(run("not a name") == exit_misused);

  running_server s;  // The node a@localhost.
  std::filesystem::rename(s.dir.path, var.path / "a");
  std::filesystem::create_symlink(var.path / "a", s.dir.path);
  CHECK(run("a") == exit_answered);
  CHECK(run("a@localhost") == exit_answered);
  CHECK(run("b") == exit_no_node);
  CHECK(contains(err.str(), "; running: a\n"));
  std::filesystem::rename(var.path / "a", var.path / "accumulator_1");
  CHECK(run("acumulator_1") == exit_no_node);
  CHECK(contains(err.str(), "did you mean accumulator_1? Running: accumulator_1\n"));
  std::filesystem::rename(var.path / "accumulator_1", var.path / "a");
  CHECK(run("a@elsewhere") == exit_no_node);
  CHECK(contains(err.str(), "this is the node a@localhost, not \"a@elsewhere\""));
}

TEST_CASE("whatever stands behind a socket, the client ends with one clear error") {
  CHECK(scripted_node{""}.failure().code == errc::unavailable);
  CHECK(scripted_node{"{\"ok\":tr"}.failure().code == errc::unavailable);
  CHECK(scripted_node{"{\"alive\":true}\n"}.failure().code == errc::unavailable);
  CHECK(scripted_node{"HTTP/1.1 400 Bad Request\r\n\r\n"}.failure().code == errc::corrupt);
  CHECK(scripted_node{"{\"ok\":true,\"result\":1,\"version\":7}\n"}.failure().code == errc::unsupported);
}
