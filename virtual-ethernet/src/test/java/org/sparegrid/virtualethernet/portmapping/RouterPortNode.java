// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

/// What [RouterPortIT] runs on the machine behind the router: prints each state of the router's
/// port until its input ends, then gives the port back.
final class RouterPortNode {
    private RouterPortNode() {}

    public static void main(String[] arguments) throws Exception {
        try (RouterPort _ =
                RouterPort.open(
                        Integer.parseInt(arguments[0]),
                        state ->
                                System.out.println(
                                        state.protocol()
                                                + " "
                                                + state.external()
                                                        .map(Object::toString)
                                                        .orElse("none")
                                                + " "
                                                + state.trouble()))) {
            int _ = System.in.read();
        }
        System.out.println("given back");
    }
}
