#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace beamline::linked {

/// A process that knows who is linked and says what it is told of that; the others here are built on it.
class resident : public process {
protected:
  using process::process;

  /// To be returned by `init`: subscribes, takes the name, adds the handlers. The name comes last, so that nothing of a
  /// peer is in the mailbox that is older than what it has been told of that peer.
  template <class... Handlers>
  [[nodiscard]] behavior reside(const std::string& name, Handlers&&... hs) {
    if (!begin(name))
      return refuse_start(reason::custom("the name " + name + " is taken"));
    return handlers([this](const node_up& m) { up(m.peer); }, [this](const node_down& m) { down(m.peer); },
                    std::forward<Handlers>(hs)...);
  }

  // Without load there is little to do, also for the slowest machine.
  static constexpr duration idle_apart = 100ms;

  virtual void met(const node_identity&) {}
  virtual void lost(const node_identity&) {}

  /// Runs `fn` again and again, at random moments `apart` from each other on average, while there is to be load; then
  /// `idle` from time to time.
  void keep(duration apart, std::function<void()> fn, std::function<void()> idle = {});

  [[nodiscard]] bool is_load_on() const;
  [[nodiscard]] bool is_at_rest() const;
  /// From 0 to `n - 1`.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) { return env().random().below(n); }
  [[nodiscard]] duration below(duration d);
  /// Another node of the cluster, linked or not.
  [[nodiscard]] const std::string& some_node();
  /// Whoever has that name there, in whichever run.
  [[nodiscard]] static pid called(const std::string& node, const std::string& name);
  [[nodiscard]] const std::map<std::string, node_identity>& linked() const noexcept { return linked_; }

private:
  bool begin(const std::string& name);
  void up(const peer_info& peer);
  void down(const peer_info& peer);

  std::map<std::string, node_identity> linked_;
};

}  // namespace beamline::linked
