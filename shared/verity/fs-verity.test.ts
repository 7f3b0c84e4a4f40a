import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fsVerityDigest, hashBlocks, VerityDigester } from './fs-verity.ts';
import type { BlockHash, VerityAlgorithm } from './fs-verity.ts';
import { portableHash } from './portable-hash.ts';

/** Byte i is i mod 251: the input of all vectors. */
const pattern = (size: number) => Uint8Array.from({ length: size }, (_, index) => index % 251);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** OpenSSL's, to keep the megabytes of the vectors quick; the portable one is held against it below. */
const native =
  (algorithm: VerityAlgorithm): BlockHash =>
  (input, output, at) =>
    output.set(createHash(algorithm).update(input).digest(), at);

/** Size and digest, as fsverity-utils print them: `fsverity digest --compact --hash-alg=A --block-size=B [--salt=HEX]`. */
const vectors: readonly (readonly [VerityAlgorithm, number, string, string])[] = [
  [
    'sha256',
    1024,
    '',
    `
0 f2cca36b9b1b7f07814e4284b10121809133e7cb9c4528c8f6846e85fc624ffa
1 564b7eb7ffda106d78a6b4aa080769012ec9a79ad64e0bff064211de3640fd52
1023 ce3d4b424bd9a9d5edc8e5e957f57e68f4aa8e864728737d44588af27603ce19
1024 675aa1004e841d062eb4e56ae542ed5b9a54e93f3ea1f1a8c5c3049f56a44600
1025 d681f78185ec54d83a203b97c0fea550aa11dcbc6892209387a2f01665666d12
4095 26e3124c201e1cd9182c7d2082889ee85e631a8978581e06990209d806abb2b0
4096 721ccec5089314f4cc88e3444ca30f3e709fdbed34de408eb8fe5e5cc44daee1
4097 76c48a27aa0de17c19da1bcea1c6ce6927027bffead9855a197ebcc9f84d004e
32768 84f5c622260568cdbe1f66aa409f1a478f8f491813b190e5022f8373ff73d79e
32769 bc86e8eb3beec601877f2f6a3cfa7763213fb9c93825873e6213b62800fb3f3c
524288 f055d1e255ec6ad2efafecf12858ed02358993d33be0afb26dfd6f929c37a2a3
524289 da9af9da150a7cbe5a7cd8f3024d39acc3955c6f9da7dea67778235c0d4bf0f6
1048576 66623e1cad28f91bbd92dc493db9d2f945006459920ef15a63a44319dd1799d4
`,
  ],
  [
    'sha256',
    1024,
    '0123456789abcdef',
    `
0 cdead1ed4cc38b19b368702cb177dc20d135a359b70c5c3c3e5b4e3c17c49e77
1 2a5e87d6e2b462b98a150534f5715ecc5d3814fc73aea98860b55c909acccca8
1023 e4f48c4a650009d97995fd2224de497649255f6ff4f0e2ea508848d5b5d3cdef
1024 f61cef7c1f72af7c7bd38ffcea54d7910fd43ee71518277e51a0dd41c16a228c
1025 7c8663948eb753113f2b973f1745093f80fc84ea045f7657d989dcd2719c8972
4095 25da73d2146b4aef7d3e81ec9fa6ff88cfba6e071c5959de39693ef10b403084
4096 0f3db37cea6ff87bcf770988ca508729967b859c046fcb2d23d4226bf4f55483
4097 9e851425fdfb70042fa7122d1bd0a25ca20f16d739f989ba82f1674efd324f79
32768 7e4bafa45d6f81dbcb4c3b6ddd67cf6a765dac520d2ddd1d7f216ef1642f6e59
32769 2aea1fb8f7895d5ac0a25107fa0eb4044307045d51983343352b676d6ab63a0c
524288 f5b37cedf2f2d2b9d1acc6396d1946e9e2997c25ccbb917ab320358de6ea1bf3
524289 7ad2cbbafdc34b191d7834053b77baf9e293205cb120a8401328721859b136cd
1048576 35d1932454982d40408545d9000a9aa2cdaf8f3348301068dca0eaa6ae547d92
`,
  ],
  [
    'sha256',
    4096,
    '',
    `
0 3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95
1 b803429503d95915829b29fdbc8bbad142f3abfd11b1cadf5526582e685c0551
1023 9c0e6f4bb01de19aa4fb9c526e7619fd881cf4a480e8aa507480b4817faeb2fb
1024 d7ce2f9afa50a0fc089a689d73fb14e39271536abaf9a4ad55e416ebc1f4e7d6
1025 caa10de88fe5d320d463ad69281fbb9f053c808d63881a0a3b48d5760f2176b8
4095 5f4953aad672b0188023d6cd6fbce9d09508eb7dad165b6298ce0086bc1e72db
4096 13e9b8848ae484a36acb3f3cac0ceb2f7601e96633d15c92f9bd3dd44e492157
4097 b0d074abef4d544404facfab6ba242f6a8ccbde90f1325cd286f3c8aa8d0f8aa
32768 c759adef46eaacde9e98a9e896fc6b89a67b405fa437654775e3c89eaf1d1b3b
32769 828ee93795b6799784fff3c48be122fb7378f8b453691c118d510d3d087bf320
524288 d82861203d50ae9b60948504a704f35f5118bd229aeb1a22d6dae47b1767c4c4
524289 4dc6905041c9c4ee73e13b53f63f5d289c46da359b664a965ead7f8cc4d799d4
1048576 93c995656d665b81c3a87eed032fcf06a8f9cecef51e3f5e5af7fa59fef1d439
`,
  ],
  [
    'sha256',
    4096,
    '0123456789abcdef',
    `
0 6e063d618f3004dee895607fc73949739bf36c5de81ca4e6ad31062d7188b413
1 22565f863b1cc5c3395e6022cdc04c41c8531212e41207f5160138c5599c7be7
1023 e47492f6296c5206845de5887ebbc9566568863955c33ce4fb8c19f046183c6e
1024 324bd82919ce5c546db4c9f100e1ea1eb06dc18ff8de74c75ef076ea1b50ff41
1025 fd64f8a6d62799726a5ee3ab18be056be26b537a51ab7b3ab0cafcc24511a1d3
4095 939dc0f0bb64df7f586e6209f6b06f5b159b2d1e8013dc2eb1588c0011e2a6b4
4096 ee58e7d3760e44412e4006081d22baef378caa484fea0f141f33bca393c6522d
4097 66e3fac1c84c0c6d524326eb4bb00bacba810f6d545b8e7cedecd82c9cb8e681
32768 266ebe1798c4451b2b4dd7e3437e58088ff4b996067df2e1fba2f084b0b112cc
32769 844e8aa7502a167fc16d028d30adc4a9536e142a154eb21345fbf044e53138c8
524288 8ccb6f3c7d55626b39c08dac0b78b685432996c6ab47b5ef149b25d6a96eb606
524289 bdb361cfc2ca3ec6ad58a69f55ce18cd6ed2c15c046ccbb2ff98f340675166ff
1048576 820fe2646d829d0ffe739311e633a822f24a7f1deacb6bbd3d9134cf590399de
`,
  ],
  [
    'sha512',
    1024,
    '',
    `
0 8451664f25b2ad3f24391280e0c5681cb843389c180baa719f8fdfb063f5ddfa2d1c4433e55e2b6fbb3ba6aa2df8a4f41bf56cb7e0a3b617b6919a42c80f034c
1 324609ccb1b57b63a39ff631d480d72657ca9815344bba5933845cd3f3c5f312d0f5813f6a692fec9d8ede2254589f2fbd777604e353becd91dc491d859dd414
1023 1829195b40a7b9c0452e24055ef96f40587bd734de4f97dbf77ad384f594643c8d9d2d942ddb1ac9192cd794ca8b7182c13dfb21c96895b269c1565d628310a7
1024 83858c7d480285cf681ae697d7254b675fb04b47eb968a062377dcc329cc551f21d949c5b11fe6def8211dc3677a6ef86c9ce4ec822b2c36ac3794ef88c70051
1025 2c3bca6b7423c57f6184747dc3f5c18556d72097a412c561534d2540a9579a4b97333a7a8cb368fdad48f9361b2756020ad4ab78471068dfac910f8366448d5e
4095 636f304a919fa374ad249a5bb68fe9f7b026364d4bad0dc5da437afca53a3713dbd22680c8282eecf89ee78f391ddd55f01a59c9ed9424c6d8282475530565a6
4096 e766ca46575c18b3071852397b59d6205ada240110dd74753efd8f4fc94ed3b10b07eee8559ef7b69d9d47d4905b866cec36e9bc8ca40c015439127e267a10a0
4097 96c85ef432a8d3f471fe802c2006a88f50f2bf925bf2553e06025d824c0840896626c9b1cce8fb947f70414b48d4d41e14876cafecc010a3cd67310838c16c37
32768 ace3943936a30d6b783d375717814c2aa982296c56db7a8d9fadf5867bf40689ab9bc817b0c6270a3b6d29dfb6ba407daf55328d0638d33bb819a28b988ee1d1
32769 71d6b11a687c44b1ab37e1b2341fc1500a989986c650f24ff0610fbaf14ecac4168fe55ef1792d6b23abc2adac9448a6e60eb5011c9b367150900d287405a2b6
524288 3ab3d376e0f05d0fbe1ea04a15d9c63291a10d834a5e509c094441c44001cfb97cf2a7e380d225b4fec4b82717737828f1d4200a7b71642c72d9be15dd2e467e
524289 95c3da140d1026fa4b7cef790e9d6ac3d117cbd7cfb1b07df5e8b4bc867ef686f2c6a381480d7f3b992c77621cd36beace5b1a8ebc63cb208fd576872abd9da2
1048576 55c8a5148a2301ee0ebbf47818c6a0c54ba8cdd2c796758cda30d3eded57d386a6c901ff3682a910af21c390097c2cebc8d74275a4e23b4344b13668458e5841
`,
  ],
  [
    'sha512',
    1024,
    '0123456789abcdef',
    `
0 e8e87195e58a9c1a03125d3afa48fdd207af616020bbedb9b50466761b56b9d517821f15898142146504f63b4da2b7d64b08b5882a1acee3074e9e54bec227c0
1 2328dcdd10eafe8c1305a608f7413f33c608d63e05722de0a0a287453ba631576cae2d2afdda5c20a28e17016f7fc8ab8dec5690e14de1b2fe9650a6ca0d9821
1023 e33a055c4f812a5dcca90d23e4c259f92fe4d8777ebc35b5e742196176d2a283ce40ce7437a522bc0b5659af9338378199c83f6512ef05262f2af8128423c6d0
1024 cbd77df8cf84a13598ba777ee83759a9883634b430249767223c5a9c6cdd0b0bceac195973c3b2c1c50804763e5d5d638f5201bf883e4ef266730ba8cc4c9b69
1025 d1dc19c3ee72a34ea6f4940276a07661c1ff3e725720290115795aedcd834a97c789b32954df4882d2a0a866d18de2cbb2509ff6fdd5d06f49f4fcf7e60efe71
4095 5f70a853f798cb6ac30dc4264c1140836542db7dafc3e801b2a5c16bc3a8ceb7e870228b9af2698311b40c52843bb9b6bfa73c7910a394d5712c9697c436d235
4096 3889a8e6b1bd3fa54c2260393a9cbd99afd3c3a5bca43dc752cdd488a5cd995e62879d7622560778857f8609936dc53704c801641fa53b31bc13bbe6255f899e
4097 9f3e0c69c30236754ab9ae691c95230e032d62354177bfdceadea873f1aff2d3ade96271860d2aa0c01159c866c82ff3494fa1f941a44abff91cd00fbadc7e15
32768 562263c41fa345c5376672fe152cb8a81230b92aec841d741412ce014f82ec0e708e54c397c356d50be096b917bb3766a5890224c1ebb5c50650656244cedd50
32769 387049b310e06171e2871bd89c780bf403b44877402feb38ab8cd6a11bf1ad731de98985e4ffc0eddfa10ab7fd4a6b6d81751fa6d45defc898032b1714b62276
524288 7251343b6c8321152c9f7dad24e9775b38473563992f8d45fd8d119e8a6879cc6804db4da397b77e438f0b394e1b388f291254798d12982a1793b0c9c22ac879
524289 d787b4b5b250a2f611b01f05e0a6798abf06821a7f6c8310d752cd98634fbabba3c0554508b23e32d6210c8456fa70001b8975903a0ba0e49bc9de563fccc1fa
1048576 d10ac713cbab13d0103ad7f5e1dec96071fe027363c11f03ce69a50b24d6e6edf696bfeb3cee5b592836371af5b5d0a78fcd7226cf194143c07f05c048cdbb24
`,
  ],
  [
    'sha512',
    4096,
    '',
    `
0 ccf9e5aea1c2a64efa2f2354a6024b90dffde6bbc017825045dce374474e13d10adb9dadcc6ca8e17a3c075fbd31336e8f266ae6fa93a6c3bed66f9e784e5abf
1 9fcf5172b085b1c8f9365eecb37a1869e193a4705654a5829f11939cd01d5c0fd97276be8cd9d49f76cfc8dcfeb80f8128e3548a1de50b56912b9e3fc7bde27b
1023 ec9c8a0494e0f5638bfa67844cc48e274ad7d974296e90882f6ed375d8485aa7aa9b41ab7831061141744fe683bab797f6d8d56eb3617081f1ead91f46a4fb2d
1024 42a94c11fcb10b278b284dda4e83a5cd6646625dccdce6c7358798c89db1b307c0352473703fdb0921703856881110ac501842dda0740814f11ce220425bb53c
1025 b135ad377557421998e7f76fcd8567b4a7fe2255b713e04562dcc2971787b0c409d8fcc12c16a2021891eae012c7d0d67c19aedced90dcdf634f846f30ef191d
4095 1f4a9ea21af349cae1d1aa1ce4e560ce6d1e5882d8e2e7696b5afd14191f876e608444553101ba7ff16386a79c7e8739b2905ed14baf8036ebd05e6f09063b2a
4096 7bf994782b368ecc4e20ce9144701b1a30524d5bbc90987625de22eebc8cf370ec846c1b5e77f9099c6f6cfc0b590359b9ac8083a43e5f7fa5ec05a25dab6e03
4097 97a1e45daaa69bd7b31908cf835318ba36476984ffa7f4a5913c0187db04ce5f19dc80306f493741d4ad1cdd212b7a9d2691aa3d42563d35471363fbb0fc7f1c
32768 13db629850d1a2f049a74f563528edd935195f9716309ab5f78918b2ff2ce403cbca2eb07c3cf13610cd492cee085ade6a5547c57aaf0c7d3a4abd19d19b3056
32769 d570f5861b1f260a6e34636e3d2813b3d791b4a7d43afc12512a2b6b28fdb4a67be810fec1edd9641f16286752c3ecfc1646ced0a5d272cf5dfc158e6d741002
524288 7b3d245f9dc3169e2f721fa32f735149ace066408e783d5d79e21f9761e2efc39fb016b0a94e0a00af41a32fa5283b189899b0f27f91d013be745709678c0278
524289 60b58fe0f1e5198627ffb6be091eef60edce9b4ff6ee43884ba78a831ecdecc1572729afc5ebeb09101e3f102c9d7142ab4f66216198d85f8c7194eca7885bb2
1048576 41af04461110f14941d920ec99e22353f53c2368e05d2855b3a991c5d3efa27008353a81a3c09cfa37e0c967525ec7481991133cf4249c4df70545c91cead118
`,
  ],
  [
    'sha512',
    4096,
    '0123456789abcdef',
    `
0 cdba8ea4bffdf45bbde92c9976d6d6b8f0f1cf1ba86cea4c6a2904a300529f752019f56c237230d2ce19271262d92f7144a5d92ce7aaf50305fcaaecb45f2f9b
1 643d9aa85318c4475e957ccc9a7005b27f67a10657a2dd5b8f82459f8b72cb1bf89913dfc1bb6ecfc5d0c24941c27515f880a8ff656a910dbf416d6a25fd3bfe
1023 0f8ae7f3eadff12bc0b9c82581bd7d098e23a861b405b132f88c000b56170cafbc274e260e4cebd08976a551747bfc89217fa8d1ab7273286dd98d5a16f6742b
1024 cd232c0494658f9c9929c6a9d2ee62b8a7d7ad01d3caca18842839960e802364d7a427e895e60b35720e7ddde2bd03b18c784d847c50dfff48ac62576ef29ba7
1025 1d028d85091ba3569fc740cbaa300431b8d4c20394c75a815449dabbd216f91896611bec1f203e7eb001f4a98a6e975e3fe723e680cde5153e479f2809cdfc4a
4095 720ab3eef288345a086e220a0f87557de63b8eba6b35e83e804e52f1483a9a22dd6f7e68156b7e47c5f55a4dff2528fd5aa2ea345105f8d21e75890e24968ce0
4096 8f3b86b90cc5121ba555f56f6f9e55c059243ac8a63c393af0351f7be00f5c0ddd5de1949519ef789c8acde662ead8edc2b04a00f73a8ed7b99f2f483e1fdb08
4097 11ad49a6b973c131cf12efa88b203d2114a5f89bae74119d96a9559b623fe7ceb9ac7ecc656e9c42ce79a0332e61df335dbc154f3398c0df759a7c3232b96217
32768 fbcff4ba9a3583e2dd8796a7dfd69e493a85c491c9ec785933533514cc72e01106f68805081659b15c165ceea247df82907869c37c5490899730f31e3f07d48b
32769 2098a23bd4f02fc69b1e5d7c8dd5500997da361165a882c8df4bc466f6b41490ed733d55fb0e32f64a8736889daf095c31f1ae77a0c9ff709f5f7500262e958f
524288 2851b592d42c6dbb18876d0c24e60c0c7c5be7dc137372a1866fa8709a848863172bab6484029114ca111e085dfe909fb37ed5af832bb8105e0e1acd5a5aa233
524289 cf2461832fe03567cecaa27baa9f7181f32898ceb4c56892c20eb9211bc4424b6d5b3b43d7072ba6167a3a1d1c053dc41408eba334f060a1a431d710bb499ed2
1048576 fba46fb551151df159f371afff780ce3d396cd34753f79269dce41ab116a0019324835602a27ac2f52294f94b3bf4e902584191d4d3931b8d42234ac561c03ed
`,
  ],
];
const cases = vectors.flatMap(([algorithm, blockSize, salt, rows]) =>
  rows
    .trim()
    .split('\n')
    .map((row) => {
      const [size = '', digest = ''] = row.split(' ');
      return { algorithm, blockSize, salt, size: Number(size), digest };
    }),
);

describe('digests equal those of fsverity-utils', () => {
  test('there are 13 sizes for each of 8 parameter sets', () => expect(cases).toHaveLength(104));

  test.each(cases)('$algorithm, blocks of $blockSize, salt "$salt", $size bytes', (row) => {
    const { algorithm, blockSize, size, digest } = row;
    const parameters = { algorithm, hash: native(algorithm), blockSize, salt: Buffer.from(row.salt, 'hex') };
    expect(hex(fsVerityDigest(pattern(size), parameters))).toBe(digest);
  });

  test.each([
    [1024, '76c48a27aa0de17c19da1bcea1c6ce6927027bffead9855a197ebcc9f84d004e'],
    [2048, '69c5aa7321fdc75e1f5168d6bbe536f01469ad0232e86766fe0e1e58d253571f'],
    [4096, 'b0d074abef4d544404facfab6ba242f6a8ccbde90f1325cd286f3c8aa8d0f8aa'],
    [8192, 'e4aff3856c46176701f5968a091cffebaed0368c63e0789c80c168c4768a556a'],
    [16384, 'b523b8cf0741b4339586c41ff55ae65bb4dae27bd33b52d6d54ebfec2e5d08e6'],
    [32768, '91e50547f5b7418d1a82d30bcd5eea4880235a07f1f195c314883b5654d2e8e7'],
    [65536, '71014a823c04971bc1536b231e71413792a4f418dc8271f689869c2f646d1043'],
  ])('4097 bytes in blocks of %i', (blockSize, digest) => {
    expect(hex(fsVerityDigest(pattern(4097), { algorithm: 'sha256', hash: native('sha256'), blockSize }))).toBe(digest);
  });

  test.each([
    ['sha256', '1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64'],
    [
      'sha512',
      '18430270729d162d4e469daca123ae61893db4b0583d8f7081e3bf4f92b88ba514e7982f10733fb6aa895195c5ae8fd2eb2c47a8be05513ce5a0c51a6f570409',
    ],
  ] as const)('"hello world" by %s, as composefs-rs pins it', (algorithm, digest) => {
    expect(hex(fsVerityDigest(Buffer.from('hello world'), { algorithm, hash: portableHash(algorithm) }))).toBe(digest);
  });
});

test('the bytes may come in pieces of any size', () => {
  const bytes = pattern(70_001);
  for (const salt of [new Uint8Array(0), Uint8Array.of(1, 2, 3)]) {
    const parameters = { algorithm: 'sha256', hash: native('sha256'), blockSize: 1024, salt } as const;
    const whole = hex(fsVerityDigest(bytes, parameters));
    for (const piece of [1, 7, 1023, 1024, 1025, 2048, 4096, 65_536]) {
      const digester = new VerityDigester(parameters);
      for (let at = 0; at < bytes.length; at += piece) digester.update(bytes.subarray(at, at + piece));
      digester.update(new Uint8Array(0));
      expect([piece, hex(digester.digest())]).toEqual([piece, whole]);
    }
  }
});

test('parts may come as the hashes of their blocks, between parts that come as bytes', () => {
  for (const salt of [new Uint8Array(0), Uint8Array.of(1, 2, 3)]) {
    for (const size of [1, 1023, 1024, 1025, 32_768, 32_769, 65_536, 70_001, 1_048_576, 1_100_000]) {
      const bytes = pattern(size);
      const parameters = { algorithm: 'sha256', hash: native('sha256'), blockSize: 1024, salt } as const;
      const whole = hex(fsVerityDigest(bytes, parameters));
      for (const part of [1024, 4096, 32_768, 33_792, 2_097_152]) {
        for (const way of ['hashes', 'mixed'] as const) {
          const digester = new VerityDigester(parameters);
          for (let at = 0; at < size; at += part) {
            const piece = bytes.subarray(at, at + part);
            if (way === 'mixed' && (at / part) % 3 === 1) digester.update(piece);
            else digester.updateHashes(hashBlocks(piece, parameters), piece.length);
          }
          expect([size, part, way, hex(digester.digest())]).toEqual([size, part, way, whole]);
        }
      }
    }
  }
});

test('hashes that do not fit are refused', () => {
  const parameters = { algorithm: 'sha256', hash: native('sha256') } as const;
  const digester = new VerityDigester(parameters);
  expect(() => digester.updateHashes(new Uint8Array(32), 4097)).toThrow(RangeError);
  digester.update(pattern(5));
  expect(() => digester.updateHashes(new Uint8Array(32), 4096)).toThrow('byte 5 is not the start of a block');
});

test('the salt is copied: what happens to it afterwards does not show', () => {
  const salt = Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef);
  const digester = new VerityDigester({ algorithm: 'sha256', hash: portableHash('sha256'), salt });
  salt.fill(0);
  digester.update(pattern(4097));
  expect(hex(digester.digest())).toBe('66e3fac1c84c0c6d524326eb4bb00bacba810f6d545b8e7cedecd82c9cb8e681');
});

test.each(['sha256', 'sha512'] as const)('the portable %s and the native one write the same bytes', (algorithm) => {
  for (const size of [0, 1, 63, 64, 127, 128, 4096]) {
    const [one, other] = [new Uint8Array(70).fill(7), new Uint8Array(70).fill(7)];
    portableHash(algorithm)(pattern(size), one, 3);
    native(algorithm)(pattern(size), other, 3);
    expect(hex(one)).toBe(hex(other));
  }
});

test.each([0, 512, 1000, 1025, 131_072, -4096, Number.NaN, 4096.5])('a block size of %d is refused', (blockSize) => {
  expect(() => new VerityDigester({ algorithm: 'sha256', hash: portableHash('sha256'), blockSize })).toThrow(
    RangeError,
  );
});

test('a salt of 32 bytes is taken, one of 33 refused', () => {
  const parameters = { algorithm: 'sha256', hash: portableHash('sha256') } as const;
  expect(new VerityDigester({ ...parameters, salt: new Uint8Array(32) }).digest()).toHaveLength(32);
  expect(() => new VerityDigester({ ...parameters, salt: new Uint8Array(33) })).toThrow(RangeError);
});
