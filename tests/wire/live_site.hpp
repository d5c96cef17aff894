#pragma once

// A node with live views behind a real server, and browsers that visit it.

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "pubsub/directory.hpp"
#include "supervision/partition_table.hpp"
#include "web/live/endpoint.hpp"
#include "wire/fixture.hpp"
#include "wire/live_views.hpp"

#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::test {

/// What a browser knows after loading a page.
struct page {
  wire_client::answer answer;
  std::string csrf;
  std::string view_id;
  std::string session;
  std::string page_static;

  /// An attribute of the first element with that id; "absent" when it has none.
  [[nodiscard]] std::string attribute(std::string_view id, std::string_view name) const;
};

struct live_site_options {
  std::size_t processes_max = 1000;
  std::optional<std::string> build{};
  const web::asset_store* assets = nullptr;
  web::rate_limit messages{.per_second = 1000, .burst = 2000};
  web::rate_limit joins{.per_second = 1000, .burst = 2000};
};

/// Views: `/tally/:name`, `/tally/:name/edit`, `/den/:zone`, `/den2`, `/office` of live session "admin". `/login/:user`
/// is a plain page that puts the user, and a socket id, into the session; `/logout` takes them out.
struct live_site {
  explicit live_site(const live_site_options& o = {});
  ~live_site();

  /// Views and connections' guards; what the site itself needs is not counted.
  [[nodiscard]] bool has_views(std::size_t count);
  [[nodiscard]] bool logged(std::string_view text) const;

  system_clock time;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(time);
  telemetry events;
  timer_thread timers{time};
  supervision::partition_directory partitions;
  pubsub::directory systems;
  node home;
  pid top;
  supervision::nursery nursery{{.label = "view"}};
  keyring keys = keyring::parse("0123456789abcdef0123456789abcdef").value();
  token_signer signer{keys, time};
  web::session_codec sessions{signer, {}};
  std::optional<live::endpoint> endpoint;
  std::promise<void> open_gate;
  std::shared_future<void> gate = open_gate.get_future().share();
  std::optional<running_server> server;
};

/// A browser without scripts: it keeps cookies, and says what it is told to say.
class browser {
public:
  explicit browser(live_site& s) : site_{s} {}

  page load(const std::string& path, std::string_view method = "GET");
  /// Its connection for that page.
  [[nodiscard]] wire_client connect(const page& p, std::string_view extra_query = "") const;
  /// Connected and joined; `reply` takes the response.
  [[nodiscard]] wire_client join(const page& p, const std::string& path, json* reply = nullptr) const;

  std::map<std::string, std::string> cookies;

private:
  [[nodiscard]] std::string cookie_header() const;

  live_site& site_;
};

// -- what is said ---------------------------------------------------------------------------------------

/// The payload of the join of a root view that was loaded.
[[nodiscard]] json join_payload(const page& p, const std::string& path);
/// `["4","4","lv:<id>","phx_join",payload]`
[[nodiscard]] std::string join_message(const std::string& view_id, const json& payload, const std::string& ref = "4");
[[nodiscard]] std::string view_event(const std::string& view_id, const std::string& name, const std::string& ref,
                                     const json& value = {{"value", ""}}, const std::string& join_ref = "4");
/// Any message on a view's topic.
[[nodiscard]] std::string view_message(const std::string& view_id, const std::string& event, const json& payload,
                                       const std::string& ref = "7", const std::string& join_ref = "4");

// -- what is heard --------------------------------------------------------------------------------------

/// The next message as JSON; null when there is none.
[[nodiscard]] json read(wire_client& c);
json ask(wire_client& c, const std::string& text);
/// Whether the answer to a heartbeat is the next thing that comes: nothing else was said, and the connection lives.
[[nodiscard]] bool is_quiet(wire_client& c);
/// Reads until the connection is closed; 0 when it is not.
[[nodiscard]] int close_code_of(wire_client& c);

[[nodiscard]] std::string between(const std::string& text, std::string_view before, std::string_view after);

}  // namespace beamline::test
