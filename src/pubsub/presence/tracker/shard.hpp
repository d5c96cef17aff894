#pragma once

#include "actors/process.hpp"
#include "base/log.hpp"
#include "pubsub/presence/tracker.hpp"
#include "pubsub/presence/tracker/shard_core.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace beamline::presence {

/// What a shard is registered as, and the service it has on the links: "presence:<tracker>:<shard>".
[[nodiscard]] std::string shard_name(std::string_view tracker, std::size_t shard);

/// The process of one shard of a tracker on one node; see tracker.hpp for what it answers. Started by `child_tracker`.
class shard final : public process, private shard_port, private shard_view {
public:
  shard(process_context& c, std::shared_ptr<const tracker_options> o, std::size_t index);

private:
  behavior init() override;
  void terminate(const reason& why) override;

  template <class M>
  track_answer answer_to(const M& m);
  void handle_untrack(const presence::untrack& m);
  void handle_info(const tracker_info& m);
  void handle_frame(const peer_message& m);
  void forget(std::uint64_t actor);
  void watch_actor(std::uint64_t actor);
  void unwatch_actor(std::uint64_t actor);
  /// After every step: the next moment at which there is something to do.
  void arm();

  bool send(const std::string& node, bytes frame) override;
  void changed(const diff& d) override;
  void replica_changed(const replica_id& r, std::string_view to, std::string_view why) override;
  void transferred(const std::string& node, std::string_view direction, std::size_t octets) override;
  void mismatch(const std::string& node, const std::string& what) override;
  void complain(const std::string& node, const std::string& what) override;
  void diverged(const replica_id& r) override;
  void callback_failed(std::string_view which, const std::string& what) override;

  [[nodiscard]] std::size_t index() const override { return index_; }
  [[nodiscard]] std::vector<tracked> list(const std::string& topic) const override;
  [[nodiscard]] std::uint64_t count(const std::string& topic) const override { return core_->count(topic); }

  std::shared_ptr<const tracker_options> tracker_;
  std::size_t index_;
  std::string service_;
  std::unique_ptr<shard_core> core_;
  std::map<std::uint64_t, watch_ref> watched_;  // Tracked processes.
  std::optional<time_point> armed_{};
  timer_ref timer_ = 0;
  once_per complaints_{10s};
  once_per failures_{10s};
};

}  // namespace beamline::presence
