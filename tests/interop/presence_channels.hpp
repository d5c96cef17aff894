#pragma once

#include "pubsub/presence/presence.hpp"
#include "web/channels/channel.hpp"

#include <cstdlib>
#include <string>

namespace beamline::interop {

/// Shows its client who is there, and shows the client as it says: under the key of its join, and of `track`.
class presence_channel : public web::channel {
public:
  using channel::channel;

  web::join_answer join(const std::string&, const json& params) override {
    if (const auto* key = find_string(params, "key"))
      key_ = *key;
    if (const auto* meta = find_object(params, "meta"))
      meta_ = *meta;
    return web::join_ok{};
  }

  void joined() override {
    if (!key_.empty())
      track_presence(key_, meta_);
    push_presence_state();
  }

  void handle_in(const std::string& event, const payload& p, web::reply_to r) override {
    const auto& o = as_json(p);
    const auto answer = [r](const std::string& ref) { r.ok({{"phx_ref", ref}}); };
    if (event == "track")
      track_presence(o.at("key"), o.at("meta"), answer);
    else if (event == "update")
      update_presence(
          o.at("key"), [meta = o.at("meta")](const json&) { return meta; }, answer);
    else if (event == "untrack")
      untrack_presence(o.at("key"), [r] { r.ok(); });
    else
      channel::handle_in(event, p, r);
  }

private:
  std::string key_;
  json meta_ = json::object();
};

/// The same with events of other names, as the client's option `events` allows.
class renaming_channel final : public presence_channel {
public:
  using presence_channel::presence_channel;

  web::join_answer join(const std::string& topic, const json& params) override {
    intercept({std::string{web::channels::presence_diff_event}});
    return presence_channel::join(topic, params);
  }
  void joined() override {
    call<json>(presence::presence_on(env(), "presence"), presence::state_of{topic()}, 5s)
        .then([this](const json& state) { push("the state", state); }, [this](const call_error&) { stop_channel(); });
  }
  void handle_out(const std::string&, const payload& p) override { push("the diff", p); }
};

/// Ends the whole node when its client says so, as a crash does.
class doom_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json&) override { return web::join_ok{}; }
  void handle_in(const std::string&, const payload&, web::reply_to) override { std::_Exit(9); }
};

}  // namespace beamline::interop
