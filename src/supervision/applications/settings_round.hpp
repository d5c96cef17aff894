#pragma once

#include "actors/call.hpp"
#include "supervision/applications/messages.hpp"

#include <optional>
#include <string>
#include <utility>

namespace beamline::supervision {

/// One change_settings under way: answers it when every application that was asked has answered. Belongs to the
/// controller.
class settings_round {
public:
  explicit settings_round(reply_promise<settings_answer> to) : to_{std::move(to)} {}

  void ask() { ++waiting_; }
  void answered(const std::string& name, const std::optional<result<void>>& r) {
    if (r && *r)
      answer_.told.push_back(name);
    else
      refuse(name, r ? r->error() : error{errc::unavailable, "config_change was dropped without an answer"});
    all_asked();
  }
  void refuse(const std::string& name, error why) { answer_.refused.emplace_back(name, std::move(why)); }
  /// The round itself is one that was waited for.
  void all_asked() {
    if (--waiting_ == 0)
      to_.set(answer_);
  }

private:
  reply_promise<settings_answer> to_;
  settings_answer answer_;
  std::size_t waiting_ = 1;
};

}  // namespace beamline::supervision
