#include "testing/disk/stored_file.hpp"

#include <algorithm>
#include <array>

namespace beamline::testing {

namespace {

// How likely a piece is to survive where each sector is for itself, in eighths.
constexpr std::array<std::uint64_t, 3> survival{1, 4, 7};
// Tries to find a durable octet before giving up.
constexpr int flip_tries_max = 64;

std::ptrdiff_t index(std::uint64_t at) { return static_cast<std::ptrdiff_t>(at); }

std::uint64_t sectors_of(std::uint64_t at, std::uint64_t length) {
  constexpr auto n = stored_file::sector_bytes;
  return length == 0 ? 0 : (at + length - 1) / n - at / n + 1;
}

}  // namespace

stored_file::loss& stored_file::loss::operator+=(const loss& other) {
  pieces += other.pieces;
  lost += other.lost;
  is_torn = is_torn || other.is_torn;
  return *this;
}

std::size_t stored_file::read(std::uint64_t at, std::span<std::byte> to) const {
  const auto there = at >= now_.size() ? 0 : std::min<std::uint64_t>(to.size(), now_.size() - at);
  const auto count = static_cast<std::size_t>(there);
  if (count > 0)
    std::copy_n(now_.begin() + index(at), count, to.begin());
  std::fill(to.begin() + index(count), to.end(), std::byte{});
  return count;
}

void stored_file::write(std::uint64_t at, std::span<const std::byte> from) {
  if (from.empty())
    return;
  const auto end = at + from.size();
  // A gap comes into being by the same change.
  const auto begin = std::min<std::uint64_t>(at, now_.size());
  note_change(begin, end - begin, std::max<std::uint64_t>(end, now_.size()));
  if (at == now_.size()) {
    now_.insert(now_.end(), from.begin(), from.end());
    return;
  }
  if (end > now_.size())
    now_.resize(end);
  std::copy(from.begin(), from.end(), now_.begin() + index(at));
}

void stored_file::resize(std::uint64_t size) {
  if (size == now_.size())
    return;
  const auto at = std::min<std::uint64_t>(size, now_.size());
  note_change(at, std::max<std::uint64_t>(size, now_.size()) - at, size);
  now_.resize(size);
}

void stored_file::sync() noexcept {
  changes_.clear();
  undo_.clear();
}

std::uint64_t stored_file::octets_unsynced() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& c : changes_)
    sum += c.length;
  return sum;
}

std::uint64_t stored_file::pieces_unsynced() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& c : changes_)
    sum += sectors_of(c.at, c.length);
  return sum;
}

void stored_file::note_change(std::uint64_t at, std::uint64_t length, std::uint64_t size_after) {
  const auto there = at >= now_.size() ? 0 : std::min<std::uint64_t>(length, now_.size() - at);
  const auto kept = static_cast<std::size_t>(there);
  if (changes_.size() >= changes_max || undo_.size() + kept > undo_bytes_max)
    write_back_oldest();
  changes_.push_back({at, length, undo_.size(), kept, now_.size(), size_after});
  undo_.insert(undo_.end(), now_.begin() + index(at), now_.begin() + index(at + kept));
}

void stored_file::write_back_oldest() {
  const auto gone = (changes_.size() + 1) / 2;
  const auto undo_gone = gone == changes_.size() ? undo_.size() : changes_[gone].undo;
  changes_.erase(changes_.begin(), changes_.begin() + index(gone));
  undo_.erase(undo_.begin(), undo_.begin() + index(undo_gone));
  for (auto& c : changes_)
    c.undo -= undo_gone;
}

void stored_file::restore(const change& c, std::uint64_t at, std::uint64_t length) {
  const auto known = c.at + c.kept;
  const auto copied = at >= known ? 0 : std::min(length, known - at);
  std::copy_n(undo_.begin() + index(c.undo + (at - c.at)), copied, now_.begin() + index(at));
  std::fill_n(now_.begin() + index(at + copied), length - copied, std::byte{});
}

/// Decides about the pieces of one file, last change first.
class stored_file::undoing {
public:
  undoing(stored_file& file, random_source& chance, std::optional<std::uint64_t>& torn)
      : file_{file}, chance_{chance}, torn_{torn}, changes_{file.changes_} {}

  loss run() {
    const auto size = choose_size();
    auto widest = std::max<std::uint64_t>(size, file_.now_.size());
    for (const auto& c : changes_)
      widest = std::max({widest, c.size_before, c.size_after});
    file_.now_.resize(widest);
    settled_.resize(static_cast<std::size_t>(widest / sector_bytes + 1));
    for (auto i = changes_.size(); i-- > 0;)
      undo_change(changes_[i], i);
    file_.now_.resize(size);
    return loss_;
  }

private:
  enum class way : std::uint8_t { nothing_survives, all_survives, in_order, by_sector };

  /// Draws how this file is struck, too. Where sizes go with their changes, they do so here.
  std::uint64_t choose_size() {
    way_ = static_cast<way>(chance_.below(4));
    kept_eighths_ = survival[static_cast<std::size_t>(chance_.below(survival.size()))];
    cut_ = static_cast<std::size_t>(chance_.below(changes_.size() + 1));
    if (way_ == way::nothing_survives)
      cut_ = 0;
    if (way_ == way::all_survives)
      cut_ = changes_.size();
    return cut_ == 0 ? changes_.front().size_before : changes_[cut_ - 1].size_after;
  }

  bool survives(std::size_t i) { return way_ == way::by_sector ? chance_.below(8) < kept_eighths_ : i < cut_; }

  void undo_change(const change& c, std::size_t i) {
    const auto end = c.at + c.length;
    for (auto at = c.at; at < end;) {
      const auto sector = at / sector_bytes;
      const auto piece_end = std::min<std::uint64_t>(end, (sector + 1) * sector_bytes);
      undo_piece(c, i, at, piece_end - at, static_cast<std::size_t>(sector));
      at = piece_end;
    }
  }

  void undo_piece(const change& c, std::size_t i, std::uint64_t at, std::uint64_t length, std::size_t sector) {
    ++loss_.pieces;
    if (settled_[sector])
      return;
    if (survives(i)) {
      settled_[sector] = true;
      return;
    }
    ++loss_.lost;
    if (torn_ && *torn_ == 0 && length > 1) {
      tear(c, at, length);
      settled_[sector] = true;
      return;
    }
    if (torn_ && *torn_ > 0)
      --*torn_;
    file_.restore(c, at, length);
  }

  void tear(const change& c, std::uint64_t at, std::uint64_t length) {
    const auto cut = 1 + chance_.below(length - 1);
    if (chance_.below(2) == 0)
      file_.restore(c, at, cut);  // Its end arrived.
    else
      file_.restore(c, at + cut, length - cut);  // Its beginning did.
    loss_.is_torn = true;
    torn_.reset();
  }

  stored_file& file_;
  random_source& chance_;
  std::optional<std::uint64_t>& torn_;
  const std::vector<change>& changes_;
  std::vector<bool> settled_;  // Sectors that are not undone any further.
  way way_ = way::nothing_survives;
  std::uint64_t kept_eighths_ = 0;
  std::size_t cut_ = 0;  // Where sectors go in order: changes from here on are lost. Always: sizes.
  loss loss_;
};

stored_file::loss stored_file::lose_power(random_source& chance, std::optional<std::uint64_t>& torn) {
  if (changes_.empty())
    return {};
  auto result = undoing{*this, chance, torn}.run();
  sync();
  return result;
}

bool stored_file::flip_bit(random_source& chance) {
  for (int i = 0; i < flip_tries_max && !now_.empty(); ++i) {
    const auto at = chance.below(now_.size());
    const auto bit = chance.below(8);
    const bool is_durable = std::none_of(changes_.begin(), changes_.end(),
                                         [&](const change& c) { return at >= c.at && at - c.at < c.length; });
    if (!is_durable)
      continue;
    now_[static_cast<std::size_t>(at)] ^= std::byte{1} << bit;
    return true;
  }
  return false;
}

}  // namespace beamline::testing
