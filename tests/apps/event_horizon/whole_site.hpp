#pragma once

#include "apps/content/folder.hpp"
#include "apps/event_horizon/application.hpp"
#include "apps/event_horizon/attendance.hpp"
#include "apps/support.hpp"
#include "base/token.hpp"
#include "pubsub/presence/presence.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/executor.hpp"
#include "testing/live/browser.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline::test {

/// Stands for the processes that know the numbers: tells the views what the test says, and counts visits of pages.
class scripted_numbers final : public process {
public:
  struct script {
    std::optional<event_horizon::site_numbers> site;
    std::vector<std::string> visits;  // Page and visitor.
    std::vector<pid> views{};         // That have asked for the numbers of the site.
  };
  scripted_numbers(process_context& c, std::string name, script& s) : process{c}, name_{std::move(name)}, script_{s} {}

private:
  behavior init() override {
    if (auto named = register_as(name_); !named)
      throw std::runtime_error{named.error().message};
    return handlers(
        [this](const event_horizon::watch_site& m) {
          script_.views.push_back(m.view);
          return event_horizon::watch_site_answer{script_.site};
        },
        [this](const event_horizon::site_updated& m) {
          script_.site = m.now;
          for (const auto& view : script_.views)
            cast(view, m);
        },
        [this](const event_horizon::count_page_visit& m) { script_.visits.push_back(m.page + " " + m.visitor); },
        [](const event_horizon::watch_stats&) { return event_horizon::watch_answer{}; },
        [](const event_horizon::count_visit&) {}, [](const event_horizon::prepare_for&) {});
  }

  std::string name_;
  script& script_;
};

/// The blog with all its pages, on a simulated node, as its web server has them. The numbers are the test's.
struct whole_site : folder {
  explicit whole_site(event_horizon::event_horizon_options o = {}) {
    put("hello.md", "---\ntitle: Hello <you>\ndate: 2024-05-01\nsummary: First & best\ntags: [a, b]\n---\nText.\n");
    put("second.md", "---\ntitle: Second\ndate: 2024-06-02\nsummary: Next\n---\nMore.\n");
    put("manifest.json", R"({"app.js":"app-0123456789abcdef.js","app.css":"app-fedcba9876543210.css"})");
    put("app-0123456789abcdef.js", "1");
    put("app-fedcba9876543210.css", "2");
    assets.emplace(web::asset_store::load(path()).value());
    o.content_dir = path();
    if (o.title == event_horizon::event_horizon_options{}.title)
      o.title = "The <Blog>";
    auto& env = n.env();
    env.provide(n.own<supervision::partition_directory>());
    env.provide(n.own<pubsub::directory>());
    env.provide(n.own<presence::trackers>());
    n.spawn<supervision::supervisor>(supervision::supervisor_spec{
        .children = {pubsub::child_system({}), event_horizon::attendance_child(),
                     supervision::child_dynamic_supervisor(
                         "sessions", supervision::dynamic_supervisor_spec{.births = sessions.state()})}});
    n.spawn<net::rpc::server>("event_horizon");
    w.run();
    app =
        event_horizon::application::make(
            n.get(), {signer, cookies, *assets, origins, sessions, std::make_shared<supervision::inline_executor>()}, o)
            .value();
    for (auto name : {event_horizon::analytics_name, event_horizon::submissions_name})
      numbers.push_back(n.spawn<scripted_numbers>(std::string{name}, script));
    w.run();
    app->add_pages(routes);
  }
  ~whole_site() { w.crash_node(n); }

  /// Tells all views the numbers of the site.
  void tell(const event_horizon::site_numbers& now) {
    n.cast(numbers.front(), event_horizon::site_updated{now});
    w.run();
  }
  [[nodiscard]] event_horizon::blog& of() { return n.env().get<event_horizon::blog>(); }
  [[nodiscard]] testing::browser browser() { return testing::browser{n, routes}; }

  testing::world w;
  testing::simulated_node& n = with_calls(w).start_node("host_1@sim");
  keyring keys = keyring::parse(std::string(40, 'k')).value();
  token_signer signer{keys, n.env().time()};
  web::session_codec cookies{signer, {}};
  web::origin_policy origins;
  supervision::nursery sessions{{.label = "page"}};
  std::optional<web::asset_store> assets;
  std::unique_ptr<event_horizon::application> app;
  web::router routes;
  scripted_numbers::script script;
  std::vector<pid> numbers;
};

}  // namespace beamline::test
