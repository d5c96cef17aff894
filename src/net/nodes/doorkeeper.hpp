#pragma once

#include "base/time.hpp"
#include "net/auth/handshake.hpp"
#include "net/auth/node_card.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

/// Who may become a peer, and which of several connections to one node counts. Pure; not thread-safe.
///
/// Attempts are connections that are no link yet, dialled here or accepted. At most one survives per node (I4): of two
/// that crossed, the one dialled by the node with the greater name (D28). Claims are not proven, so none of them ends
/// anything: the attempt that counts less waits until the other one is proven or over. A node that is linked already is
/// `alive` (D27); an older run than the newest one seen is stale (D9).
class doorkeeper {
public:
  // Names whose newest run is remembered; then the one that was seen longest ago is forgotten.
  static constexpr std::size_t names_max = 4096;
  // Names banned at the same time; a further ban replaces the one that ends first.
  static constexpr std::size_t bans_max = 1024;

  using attempt = std::uint64_t;

  struct options {
    node_card self;
    std::vector<std::string> allow{};  // Names, `*@host`, `name@*`; empty: everybody.
    std::size_t peers_max = 0;
  };
  explicit doorkeeper(options o) : options_{std::move(o)} {}

  struct answer {
    verdict what{};
    std::string why{};  // When it is not one to go on with.
  };

  /// `ok`: there is nothing against that node as such, whichever way it comes. To be asked once more when it has proven
  /// who it is: it may have been banned meanwhile, or the table of peers have filled.
  [[nodiscard]] answer object(const node_card& who, time_point now) const;
  /// Somebody who was accepted says who it is, unproven.
  [[nodiscard]] answer judge_claim(attempt a, const node_card& claimed, time_point now);
  /// Who was dialled says who it is, unproven, and `said` what it thinks of us.
  [[nodiscard]] answer judge_answer(attempt a, const node_card& peer, verdict said, time_point now);
  /// That attempt has ended, or has become a link.
  void over(attempt a);

  /// Whether it must not prove anything now, nor be taken for proven: another attempt with that node counts more.
  /// Ask again when an attempt is over. `has_waited`: long enough for those who only say that they are that node. Then
  /// a dial of this node's waits for who has shown that it knows the cookie, or anybody could hold it up.
  [[nodiscard]] bool must_wait(attempt a, bool has_waited = false) const;
  /// Who was accepted has proven its side, and may yet prove the other one's. Of two dials that crossed one is not
  /// ended any more in favour of the other one: the greater name may do the same, the other way round.
  void shown(attempt a);
  /// It proved who it is. Older runs of it are stale from now on; returned are the attempts that end in its favour.
  [[nodiscard]] std::vector<attempt> proven(attempt a);
  /// Whether an attempt with that node is going on.
  [[nodiscard]] bool is_met(std::string_view name) const;

  void up(const node_identity& who) { up_[who.name] = who.incarnation; }
  void down(const std::string& name) { up_.erase(name); }
  void ban(std::string name, time_point until);

private:
  struct entry {
    node_identity who;
    bool is_dialled = false;
    bool is_shown = false;   // The peer has proven its side.
    bool is_proven = false;  // It is becoming a link.
  };

  [[nodiscard]] bool counts_more(const entry& e) const;
  [[nodiscard]] bool is_allowed(std::string_view name) const;

  options options_;
  std::map<attempt, entry> attempts_;  // Those that have said who they are.
  std::map<std::string, std::uint64_t> up_;
  struct sighting {
    std::uint64_t incarnation = 0;
    std::uint64_t when = 0;
  };
  std::map<std::string, sighting> newest_;
  std::uint64_t sightings_ = 0;
  std::map<std::string, time_point> bans_;
};

}  // namespace beamline::net
