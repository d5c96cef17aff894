// Work done elsewhere: start_async, assign_async, cancel_async.
#include "mounted.hpp"
#include "supervision/tasks/task_supervisor.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

const statics text_template{{"<p>", "</p>"}};

/// Shows a text that it loads.
class loader final : public view {
public:
  using work = std::function<void(supervision::task_context&, supervision::task_promise<result<std::string>>)>;

  explicit loader(work w, async_options o = {}) : work_{std::move(w)}, options_{std::move(o)} {}

  void mount(const mount_params&, view_socket& s) override { load(s); }
  void handle_event(const event& e, view_socket& s) override {
    if (e.name == "again")
      load(s);
    else if (e.name == "cancel")
      CHECK(s.cancel_async("load"));
    else
      CHECK_FALSE(s.cancel_async("nothing"));
  }
  [[nodiscard]] rendered render(render_context&) const override { return rendered{text_template, shown_}; }

private:
  void load(view_socket& s) {
    shown_ = "loading";
    s.start_async_as<result<std::string>>(
        "load", work_,
        [this](async_outcome<std::string>& r) {
          shown_ = r ? *r : std::string{to_string(r.failure().what)} + ": " + r.failure().text;
        },
        options_);
  }

  work work_;
  async_options options_;
  std::string shown_;
};

loader::work after(duration d, result<std::string> value) {
  return [=](supervision::task_context& t, const supervision::task_promise<result<std::string>>& p) {
    t.run_after(d, [p, value] { p.set(value); });
  };
}

struct fixture : mounted {
  using mounted::mounted;
  [[nodiscard]] std::string shown() const {
    const auto& p = last().payload;
    if (p.contains("rendered"))
      return p["rendered"]["0"];
    return p.contains("diff") ? p["diff"]["0"] : p["0"];
  }
};

}  // namespace

TEST_CASE("a view joins at once and shows what its work gave when it is done") {
  fixture f;
  f.start(std::make_unique<loader>(after(5s, std::string{"hello"})));
  CHECK(f.story() == "join_ok");
  CHECK(f.shown() == "loading");
  f.world.advance(5s);
  CHECK(f.story() == "join_ok, push diff");
  CHECK(f.shown() == "hello");
}

TEST_CASE("work that fails says how: an error, a crash, too late, no supervisor") {
  fixture f;
  async_options o;
  loader::work work;
  std::string expected;
  SUBCASE("error") {
    work = after(1s, error{errc::not_found, "no such file"});
    expected = "error: no such file";
  }
  SUBCASE("crash") {
    work = [](auto&, auto) { throw std::runtime_error{"disk on fire"}; };
    expected = "exit: crashed: disk on fire";
  }
  SUBCASE("time-out") {
    work = after(1h, std::string{"late"});
    o.timeout = 2s;
    expected = "timeout: it was not done in time";
  }
  SUBCASE("no supervisor") {
    work = after(1s, std::string{"never"});
    o.supervisor = pid{f.node.env().self(), "nobody"};
    expected = "exit: not_started: noproc";
  }
  f.start(std::make_unique<loader>(work, o));
  f.world.advance(3s);
  CHECK(f.shown() == expected);
  CHECK(f.is_alive());
}

TEST_CASE("work under a configured supervisor is its child, and is killed with the view") {
  fixture f;
  auto tasks = f.node.spawn<supervision::task_supervisor>(supervision::task_supervisor_spec({}));
  f.setup.site.tasks = tasks;
  f.start(std::make_unique<loader>(after(1h, std::string{"late"})));
  CHECK(f.node.processes().count() == 3);  // Supervisor, view, work.
  f.node.exit(f.host, reason::shutdown("closed"));
  f.world.run();
  CHECK(f.node.processes().count() == 1);
}

namespace {

/// Says when it is destroyed: with the work that holds it.
struct farewell {
  std::string name;
  std::vector<std::string>& told;
  farewell(std::string n, std::vector<std::string>& t) : name{std::move(n)}, told{t} {}
  farewell(const farewell&) = delete;
  farewell& operator=(const farewell&) = delete;
  ~farewell() { told.push_back(name); }
};

class several final : public view {
public:
  explicit several(std::vector<std::string>& told) : told_{told} {}
  void mount(const mount_params&, view_socket& s) override {
    for (const auto* key : {"b", "c", "a"})
      s.start_async_as<int>(
          key,
          [held = std::make_shared<farewell>(key, told_)](
              supervision::task_context& t, const supervision::task_promise<int>& p) { t.run_after(1h, [held, p] {}); },
          [](async_outcome<int>&) {});
  }
  [[nodiscard]] rendered render(render_context&) const override { return rendered{text_template, "-"}; }

private:
  std::vector<std::string>& told_;
};

}  // namespace

TEST_CASE("work is killed in the order in which it was started, whatever its keys are") {
  // First killed, first gone, in this weather only.
  fixture f{beamline::testing::world_options{.weather = {.choice = beamline::testing::schedule::fifo, .hold_ppm = 0}}};
  auto tasks = f.node.spawn<supervision::task_supervisor>(supervision::task_supervisor_spec({}));
  f.setup.site.tasks = tasks;
  std::vector<std::string> told;
  f.start(std::make_unique<several>(told));
  f.world.advance(1s);
  REQUIRE(told.empty());
  REQUIRE(f.node.processes().count() == 5);
  f.node.exit(f.host, reason::shutdown("closed"));
  f.world.run();
  CHECK(told == std::vector<std::string>{"b", "c", "a"});
}

TEST_CASE("without one the view has its own, which goes with it") {
  beamline::testing::for_each_seed(50, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    f.start(std::make_unique<loader>(after(1h, std::string{"late"})));
    CHECK(f.node.processes().count() == 3);
    if (w.seed() % 2 == 0)
      f.node.kill(f.host);
    else
      f.node.exit(f.host, reason::shutdown("closed"));
    f.world.run();
    CHECK(f.node.processes().count() == 0);
  });
}

TEST_CASE("cancelled work is killed and reported as cancelled; what it gives is not heard") {
  fixture f;
  f.start(std::make_unique<loader>(after(5s, std::string{"hello"})));
  f.click("cancel");
  CHECK(f.shown() == "cancelled: it was cancelled: shutdown: cancel");
  CHECK(f.node.processes().count() == 2);
  f.world.advance(10s);
  CHECK(f.shown() == "cancelled: it was cancelled: shutdown: cancel");
  f.click("none");
  CHECK(f.is_alive());
}

TEST_CASE("starting work again under its key replaces it: only the last is heard") {
  beamline::testing::for_each_seed(30, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    int starts = 0;
    f.start(std::make_unique<loader>(
        [&](supervision::task_context& t, const supervision::task_promise<result<std::string>>& p) {
          const auto n = ++starts;
          t.run_after(n == 1 ? 5s : 3s, [p, n] { p.set(std::string{"run "} + std::to_string(n)); });
        }));
    f.world.advance(1s);
    f.click("again");
    f.world.advance(10s);
    CHECK(f.shown() == "run 2");
    CHECK(f.story() == "join_ok, reply 5, push diff");
  });
}

namespace {

/// Keeps what it loads in an async_result.
class orgs_view final : public view {
public:
  void mount(const mount_params&, view_socket& s) override { load(s, {}); }
  void handle_event(const event& e, view_socket& s) override {
    if (e.name == "cancel")
      s.cancel_async(orgs_);
    else if (e.name == "later")
      s.assign_async(orgs_, [](supervision::task_context& t, const supervision::task_promise<result<int>>& p) {
        t.run_after(5s, [p] { p.set(9); });
      });
    else
      load(s, {.is_reset = e.name == "reset"});
  }
  [[nodiscard]] rendered render(render_context&) const override {
    const auto& r = *orgs_;
    auto text = std::string{r.loading() ? "loading " : ""} + (r.ok() ? "value " + std::to_string(*r) : "no value");
    if (r.failed() != nullptr)
      text += " failed " + std::string{to_string(r.failed()->what)};
    return rendered{text_template, text};
  }
  static inline std::function<result<int>()> work;

private:
  void load(view_socket& s, async_options o) {
    s.assign_async(
        orgs_, [] { return work(); }, std::move(o));
  }
  assign<async_result<int>> orgs_;
};

}  // namespace

TEST_CASE("assign_async shows loading, the value, and the value there was while it is loaded anew") {
  fixture f;
  orgs_view::work = [] { return 7; };
  f.start(std::make_unique<orgs_view>());
  CHECK(f.port->all[0].payload["rendered"]["0"] == "loading no value");
  CHECK(f.shown() == "value 7");
  SUBCASE("again") {
    orgs_view::work = []() -> result<int> { return error{errc::io, "gone"}; };
    f.click("again");
    CHECK(f.port->all[2].payload["diff"]["0"] == "loading value 7");
    CHECK(f.shown() == "value 7 failed error");
    orgs_view::work = [] { return 8; };
    f.click("again");
    CHECK(f.shown() == "value 8");
  }
  SUBCASE("reset forgets it") {
    orgs_view::work = []() -> result<int> { throw std::runtime_error{"boom"}; };
    f.click("reset");
    CHECK(f.port->all[2].payload["diff"]["0"] == "loading no value");
    CHECK(f.shown() == "no value failed exit");
  }
  SUBCASE("work with a promise has its value later") {
    f.click("later");
    CHECK(f.shown() == "loading value 7");
    f.world.advance(5s);
    CHECK(f.shown() == "value 9");
  }
  SUBCASE("cancelled by member") {
    f.node.cast(f.host, channels::channel_event{
                            "event", "5", json{{"type", "click"}, {"event", "again"}, {"value", json::object()}}});
    f.node.cast(f.host, channels::channel_event{
                            "event", "6", json{{"type", "click"}, {"event", "cancel"}, {"value", json::object()}}});
    f.world.run();
    CHECK(f.shown() == "value 7 failed cancelled");
  }
  SUBCASE("cancelled and begun anew: of the first nothing more is heard") {
    f.click("later");
    for (const auto* what : {"cancel", "later"})
      f.node.cast(f.host, channels::channel_event{"event", "6",
                                                  json{{"type", "click"}, {"event", what}, {"value", json::object()}}});
    f.world.run();
    CHECK(f.last().payload == json::object());  // Nothing new.
    f.world.advance(5s);
    CHECK(f.shown() == "value 9");
  }
}
