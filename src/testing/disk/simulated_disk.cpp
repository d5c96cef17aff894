#include "testing/disk/simulated_disk.hpp"

#include "testing/disk/disk_state.hpp"
#include "testing/disk/disk_vfs.hpp"
#include "testing/machine.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace beamline::testing {

namespace {

// What `derive_seed` is asked for: from here on, one per machine.
constexpr std::uint64_t disk_purpose = 1U << 21;

}  // namespace

std::uint64_t hash_octets(std::span<const std::byte> octets) noexcept {
  // Four lanes, so that a multiplication need not wait for the one before it.
  constexpr std::uint64_t factor = 0x9e3779b97f4a7c15ULL;
  auto lanes = std::array<std::uint64_t, 4>{1, 2, 3, octets.size()};
  std::size_t at = 0;
  for (; at + sizeof lanes <= octets.size(); at += sizeof lanes) {
    std::array<std::uint64_t, 4> words;
    std::memcpy(words.data(), octets.data() + at, sizeof words);
    for (std::size_t i = 0; i < lanes.size(); ++i)
      lanes[i] = std::rotl(lanes[i] ^ words[i], 29) * factor;
  }
  for (; at < octets.size(); ++at)
    lanes[0] = std::rotl(lanes[0] ^ std::to_integer<std::uint64_t>(octets[at]), 29) * factor;
  return mix64(lanes[0] ^ mix64(lanes[1] ^ mix64(lanes[2] ^ mix64(lanes[3]))));
}

// -- the inside ----------------------------------------------------------------------------

disk_state::disk_state(testing::world& w, testing::machine& m)
    : world{w}, machine{m}, chance{w.derive_seed(disk_purpose + m.index())} {}

std::uint64_t disk_state::room() const noexcept {
  const auto used = files.octets();
  return is_full || used >= capacity ? 0 : capacity - used;
}

void disk_state::note(operation what, std::uint64_t file, std::uint64_t a, std::uint64_t b) {
  world.note(trace_tag("disk") + static_cast<std::uint64_t>(what), file ^ mix64(machine.index() + 1), mix64(a) ^ b);
}

void disk_state::note(std::string_view what, std::uint64_t a, std::uint64_t b) {
  world.note(trace_tag(what), machine.index(), mix64(a) ^ b);
}

// -- the outside ---------------------------------------------------------------------------

simulated_disk::simulated_disk(world& w, machine& m) : state_{std::make_unique<disk_state>(w, m)} {}

simulated_disk::~simulated_disk() {
  if (state_->vfs)
    state_->vfs->revoke();
}

const std::string& simulated_disk::vfs() {
  if (!state_->vfs)
    state_->vfs = std::make_shared<disk_vfs>(*state_);
  return state_->vfs->name();
}

void simulated_disk::set_full(bool is_full) {
  if (std::exchange(state_->is_full, is_full) == is_full)
    return;
  state_->note("disk full", is_full);
  state_->world.tell(&state_->machine, [&] { return is_full ? "disk is full" : "disk has space again"; });
}

void simulated_disk::set_capacity(std::uint64_t octets) {
  state_->capacity = std::min(octets, bytes_max);
  state_->note("disk capacity", state_->capacity);
}

void simulated_disk::set_failing(bool is_failing) {
  if (std::exchange(state_->is_failing, is_failing) == is_failing)
    return;
  state_->note("disk failing", is_failing);
  state_->world.tell(&state_->machine, [&] { return is_failing ? "disk fails" : "disk works again"; });
}

void simulated_disk::set_slowness(std::uint64_t factor) {
  factor = std::max<std::uint64_t>(factor, 1);
  if (std::exchange(state_->slowness, factor) == factor)
    return;
  state_->note("disk slow", factor);
  state_->world.tell(&state_->machine, [&] {
    return factor == 1 ? std::string{"disk is as fast as before"} : fmt::format("disk is {} times as slow", factor);
  });
}

std::uint64_t simulated_disk::slowness() const noexcept { return state_->slowness; }

void simulated_disk::heal() {
  set_full(false);
  set_failing(false);
  set_slowness(1);
}

bool simulated_disk::rot(std::string_view file) {
  auto found = state_->files.find(file);
  const bool has_flipped = found && found->data.flip_bit(state_->chance);
  state_->note("disk rot", trace_tag(file), has_flipped);
  if (has_flipped)
    state_->world.tell(&state_->machine, [&] { return fmt::format("a bit of {} flips", file); });
  return has_flipped;
}

void simulated_disk::set_judge(judge_function judge) { state_->judge = std::move(judge); }

void simulated_disk::node_ended(node_end how) {
  auto& s = *state_;
  if (auto ended = std::exchange(s.vfs, nullptr))
    ended->revoke();
  s.files.forget_owners();
  if (how != node_end::power_loss)
    return;
  const auto lost = s.files.lose_power(s.chance);
  s.sectors_lost += lost.sectors.lost;
  s.sectors_torn += lost.sectors.is_torn ? 1 : 0;
  s.note("disk loss", lost.sectors.lost, lost.names_undone);
  for (const auto& name : s.files.names())
    s.note(name, s.files.find(name)->data.size());
  if (lost.sectors.pieces > 0 || lost.names_undone > 0)
    s.world.tell(&s.machine, [&] {
      return fmt::format("disk lost {} of {} sectors not synced{}{}", lost.sectors.lost, lost.sectors.pieces,
                         lost.sectors.is_torn ? ", one is torn" : "",
                         lost.names_undone > 0 ? fmt::format(", {} names are as before", lost.names_undone) : "");
    });
}

std::vector<std::byte> simulated_disk::content(std::string_view file) const {
  auto found = state_->files.find(file);
  return found ? found->data.content() : std::vector<std::byte>{};
}

std::vector<std::string> simulated_disk::files() const { return state_->files.names(); }

std::uint64_t simulated_disk::syncs() const noexcept { return state_->syncs; }

std::uint64_t simulated_disk::octets_unsynced() const noexcept { return state_->files.octets_unsynced(); }

std::uint64_t simulated_disk::sectors_lost() const noexcept { return state_->sectors_lost; }

std::uint64_t simulated_disk::sectors_torn() const noexcept { return state_->sectors_torn; }

}  // namespace beamline::testing
