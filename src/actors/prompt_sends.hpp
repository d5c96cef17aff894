#pragma once

namespace beamline {

/// While one lives, what this thread sends is in its receivers' mailboxes when the send returns. It always is in
/// production, so this costs a count; the simulator, which may suspend a handler at any send, does not do so within.
///
/// For sends under a lock that gives them their order: a thread that is suspended there keeps the others out, and one
/// thread alone, as in the simulator, cannot be kept out.
class prompt_sends {
public:
  prompt_sends() noexcept { ++depth(); }
  ~prompt_sends() { --depth(); }
  prompt_sends(const prompt_sends&) = delete;
  prompt_sends& operator=(const prompt_sends&) = delete;

  /// One lives on this thread.
  [[nodiscard]] static bool is_any() noexcept { return depth() != 0; }

private:
  static int& depth() noexcept {
    static thread_local int count = 0;
    return count;
  }
};

}  // namespace beamline
