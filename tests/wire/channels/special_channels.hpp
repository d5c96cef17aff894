#pragma once

#include "testing/world.hpp"
#include "web/channels/channel.hpp"

#include <functional>
#include <string>

namespace beamline::test {

/// Sleeps through every broadcast it looks at.
class sleepy_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json&) override {
    intercept({"filtered"});
    return web::join_ok{};
  }
  void handle_out(const std::string&, const payload&) override { beamline::testing::block(1s); }
};

/// Casts to a channel, and broadcasts to channels, what it is told to.
struct act {
  std::function<void(process&)> run;
};
class actor final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const act& m) { m.run(*this); });
  }
};

/// Shows who is there, and shows its client, unless that only watches.
class present_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json& params) override {
    if (const auto* key = find_string(params, "key"))
      key_ = *key;
    if (find_bool(params, "intercept"))
      intercept({std::string{web::channels::presence_diff_event}});
    return web::join_ok{};
  }
  void joined() override {
    if (!key_.empty())
      track_presence(key_, json::object());
    push_presence_state();
  }
  void handle_in(const std::string& event, const payload&, web::reply_to r) override {
    if (event == "track twice")
      track_presence(key_, json::object());
    else
      update_presence(
          key_,
          [](json) {
            return json{{"st", "away"}};
          },
          [r](const std::string&) { r.ok(); });
  }
  void handle_out(const std::string&, const payload& p) override {
    push("seen", json{{"joins", as_json(p).at("joins").size()}});
  }

private:
  std::string key_;
};

struct note {
  int n = 0;
};
class noting_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json&) override { return web::join_ok{}; }
  behavior messages() override {
    return handlers([this](const note& m) { push("note", json{{"n", m.n}}); }, [](const std::string&) { return 7L; });
  }
};

/// Has room for four messages.
class narrow_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json&) override {
    limit_mailbox(4);
    return web::join_ok{};
  }
  void handle_in(const std::string&, const payload&, web::reply_to r) override { r.ok(); }
  void drained() override { push("drained", json::object()); }
  behavior messages() override {
    return handlers([](const note&) {});
  }
};

}  // namespace beamline::test
