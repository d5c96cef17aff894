#pragma once

#include "net/byte_stream.hpp"
#include "net/middleman/basp_frames.hpp"
#include "net/tcp/net_thread.hpp"
#include "net/tcp/socket_stream.hpp"

#include <functional>
#include <memory>

namespace beamline::net {

/// Our end of the pair, as the link sees it: what CAF wants relayed, sieved. Closing it does not close the descriptor
/// at once; it is handed to `linger`, which reads on until CAF has let go of the other end.
class carried_stream final : public byte_stream {
public:
  struct hooks {
    std::function<void(std::unique_ptr<local_stream>)> linger;  // Once.
    std::function<void(std::uint64_t)> dropped;                 // Messages taken out by the sieve.
  };
  carried_stream(net_thread& home, std::unique_ptr<local_stream> inner, hooks h);
  ~carried_stream() override;
  carried_stream(const carried_stream&) = delete;
  carried_stream& operator=(const carried_stream&) = delete;

  void read(std::size_t max, on_read done) override;
  void write(bytes octets, on_done done) override;
  void finish() override;
  void close() override;
  [[nodiscard]] bool is_open() const override;
  [[nodiscard]] endpoint remote() const override;

private:
  struct core;
  std::shared_ptr<core> core_;
};

}  // namespace beamline::net
