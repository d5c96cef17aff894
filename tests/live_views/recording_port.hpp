#pragma once

// A connection that remembers what its view tells it.

#include "web/channels/port.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::web::live::testing {

struct recording_port final : channels::channel_port {
  struct said {
    std::string what;  // "join_ok", "join_error", "reply 5", "push diff", "down normal", ...
    json payload;
  };

  void join_ok(channels::channel_id, channels::json_text r) override { add("join_ok", r); }
  void join_error(channels::channel_id, channels::json_text r) override { add("join_error", r); }
  void reply(channels::channel_id, std::string_view ref, std::string_view, channels::json_text r) override {
    add("reply " + std::string{ref}, r);
  }
  void reply_binary(channels::channel_id, std::string_view, std::string_view, std::string_view) override {}
  void push(channels::channel_id, std::string_view event, channels::json_text p) override {
    add("push " + std::string{event}, p);
  }
  void push_binary(channels::channel_id, std::string_view, std::string_view) override {}
  void broadcast(channels::channel_id, frame) override {}
  void down(channels::channel_id, channels::down_reason why) override {
    all.push_back({why == channels::down_reason::normal ? "down normal" : "down crashed", {}});
  }
  [[nodiscard]] bool writable() const override { return is_writable; }
  void handled(channels::channel_id) override { ++handled_count; }

  void add(std::string what, const channels::json_text& t) {
    auto text = t.head + (t.shared ? *t.shared : "") + t.tail;
    all.push_back({std::move(what), parse_json(text, {.bytes_max = text.size()}).value()});
  }
  [[nodiscard]] std::string story() const {
    std::string out;
    for (const auto& s : all)
      out += (out.empty() ? "" : ", ") + s.what;
    return out;
  }

  std::vector<said> all;
  bool is_writable = true;
  int handled_count = 0;
};

}  // namespace beamline::web::live::testing
