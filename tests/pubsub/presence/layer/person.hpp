#pragma once

#include "actors/process.hpp"
#include "pubsub/presence/layer/npm_client.hpp"
#include "pubsub/presence/presence.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace beamline::presence::test {

/// What somebody was told.
struct heard {
  std::vector<presence_diff> diffs;
  std::vector<std::pair<time_point, std::uint64_t>> counts;
  npm_client client;

  [[nodiscard]] std::uint64_t last_count() const { return counts.empty() ? ~0ULL : counts.back().second; }
};

/// Does in its own turn what it is asked to.
struct act {
  std::function<void(process&)> run;
};

class person final : public process {
public:
  person(process_context& c, std::shared_ptr<heard> to) : process{c}, to_{std::move(to)} {}
  behavior init() override {
    return handlers([this](const act& m) { m.run(*this); },
                    [this](const presence_diff& m) {
                      to_->diffs.push_back(m);
                      to_->client.sync_diff(*m.payload);
                    },
                    [this](const count_changed& m) { to_->counts.emplace_back(now(), m.count); });
  }

private:
  std::shared_ptr<heard> to_;
};

struct someone {
  pid who;
  std::shared_ptr<heard> is_told = std::make_shared<heard>();
  [[nodiscard]] const std::vector<presence_diff>& diffs() const { return is_told->diffs; }
};

}  // namespace beamline::presence::test
